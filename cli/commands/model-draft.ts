import type { Command } from 'commander';
import { z } from 'zod';
import { operationSchema } from '../../domain/operation.ts';
import { modelCategories } from '../../domain/registry/model.ts';
import { ignoredSchema } from '../api-schemas.ts';
import { awaitOperation } from '../await-operation.ts';
import { apiPath } from '../client.ts';
import { addCommand, addGroup } from '../command.ts';
import { confirm } from '../confirm.ts';
import { draftPath, printDraft, readDraft } from '../draft-call.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { addListFlags, addWaitFlags, listFlagsSchema, noFlagsSchema, waitFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { renderFinding } from '../output/errors.ts';
import type { Paint } from '../output/style.ts';
import { printPages } from '../read-pages.ts';
import { draftReviewSchema, draftSchema, draftSummarySchema } from '../registry-schemas.ts';
import type { DraftReview } from '../registry-schemas.ts';
import { draftView } from '../registry-views.ts';
import { addDraftMemberCommands } from './model-draft-members.ts';

const draftArgument = { '<draft>': 'id of the draft' };
const modelFlagsShape = {
  modelVersion: z.string().optional(),
  displayName: z.string().optional(),
  description: z.string().optional(),
  category: z.enum(modelCategories).optional(),
  subCategory: z.string().optional(),
};
const createFlagsSchema = z.object({ ...modelFlagsShape, from: z.string().optional() });
const setFlagsSchema = z.object({ ...modelFlagsShape, name: z.string().optional() });

/** `slipway model draft …`: a model made by hand, step by step. */
export function addDraftCommands(model: Command, runner: Runner): void {
  const draft = addGroup(model, {
    name: 'draft',
    description: 'Drafts: models made by hand, step by step, and then published.',
    examples: [
      ['slipway model draft create shop-kinds --model-version v1.0.0', 'prints the id of the draft'],
      ['slipway model draft add-crds drf_0d… -f crds.yaml', 'the kinds that it holds'],
      ['slipway model draft publish drf_0d…', 'designs can use it from then on'],
    ],
  });
  addReading(draft, runner);
  addWriting(draft, runner);
  addDraftMemberCommands(draft, runner);
  addPublishing(draft, runner);
}

function addReading(draft: Command, runner: Runner): void {
  addCommand(draft, {
    name: 'list',
    description: 'List drafts, newest first.',
    flags: [addListFlags],
    examples: [['slipway model draft list', 'what is being worked on']],
    action: runner.remote(listFlagsSchema, (call) =>
      printPages(call, draftView, { item: draftSummarySchema, path: apiPath('model-drafts'), flags: call.flags }),
    ),
  });
  addCommand(draft, {
    name: 'get',
    description: 'Show a draft and what it holds.',
    arguments: draftArgument,
    examples: [['slipway model draft get drf_0d…', 'its members by type and name']],
    action: runner.remote(noFlagsSchema, async (call) => printDraft(call, (await readDraft(call)).body)),
  });
}

function addWriting(draft: Command, runner: Runner): void {
  addCommand(draft, {
    name: 'create',
    description: 'Begin a model: an empty one, or one with all that another version holds.',
    arguments: { '[name]': 'name of the model; with --from: that of the other one if absent' },
    flags: [
      (command) => command.option('--from <model>', 'begin with this one: name, name@version or id'),
      addModelFlags,
    ],
    examples: [
      ['slipway model draft create shop-kinds --model-version v1.0.0', 'prints the id of the draft'],
      ['slipway model draft create --from cert-manager@v1.17.1', 'to edit it: publishing makes its next revision'],
    ],
    action: runner.remote(createFlagsSchema, async (call) => {
      const json = { name: call.args[0], ...modelOf(call.flags), from: call.flags.from };
      await printDraft(call, await call.client.post({ schema: draftSchema, path: apiPath('model-drafts'), json }));
    }),
  });
  addCommand(draft, {
    name: 'set',
    description: 'Change what a draft says of its model.',
    arguments: draftArgument,
    flags: [(command) => command.option('--name <name>', 'name of the model'), addModelFlags],
    examples: [['slipway model draft set drf_0d… --category Database --description "Our own"', 'only these']],
    action: runner.remote(setFlagsSchema, async (call) => {
      const { headers } = await readDraft(call);
      const json = { name: call.flags.name, ...modelOf(call.flags) };
      const match = { 'if-match': headers.get('etag') ?? '*' };
      await printDraft(
        call,
        await call.client.patch({ schema: draftSchema, path: draftPath(call), json, headers: match }),
      );
    }),
  });
  addCommand(draft, {
    name: 'delete',
    description: 'Throw a draft away; what was published of it stays.',
    arguments: draftArgument,
    examples: [['slipway model draft delete drf_0d… --yes', 'without a question']],
    action: runner.remote(noFlagsSchema, deleteDraft),
  });
}

function addPublishing(draft: Command, runner: Runner): void {
  addCommand(draft, {
    name: 'review',
    description: 'Check a draft and show what publishing it would change (exit 2 where it cannot be published).',
    arguments: draftArgument,
    examples: [['slipway model draft review drf_0d…', 'before it is published']],
    action: runner.remote(noFlagsSchema, review),
  });
  addCommand(draft, {
    name: 'publish',
    description: 'Publish a draft: its model can be used from then on.',
    arguments: draftArgument,
    flags: [addWaitFlags],
    examples: [['slipway model draft publish drf_0d…', 'and wait for the end']],
    action: runner.remote(waitFlagsSchema, async (call) => {
      const { body, headers } = await readDraft(call);
      const operation = await call.client.post({
        schema: operationSchema,
        path: draftPath(call, 'publish'),
        headers: { 'if-match': headers.get('etag') ?? '*' },
      });
      return awaitOperation(call, operation, `${body.model.name}@${body.model.version}`);
    }),
  });
}

function addModelFlags(command: Command): Command {
  return command
    .option('--model-version <version>', 'version of what the model describes, such as v1.0.0')
    .option('--display-name <name>', 'name for people')
    .option('--description <text>', 'what it is')
    .option('--category <category>', modelCategories.join(', '))
    .option('--sub-category <text>', 'anything');
}

function modelOf({ modelVersion, displayName, description, category, subCategory }: z.infer<typeof setFlagsSchema>) {
  return { version: modelVersion, displayName, description, category, subCategory };
}

async function deleteDraft(call: RemoteInvocation<unknown>): Promise<void> {
  const { body, headers } = await readDraft(call);
  await confirm(call, `Throw away the draft of ${body.model.name}@${body.model.version}`);
  const match = { 'if-match': headers.get('etag') ?? '*' };
  await call.client.delete({ schema: ignoredSchema, path: draftPath(call), headers: match });
  call.say(`draft ${body.id} is deleted`);
}

async function review(call: RemoteInvocation<unknown>): Promise<ExitCode> {
  const reviewed = await call.client.get({ schema: draftReviewSchema, path: draftPath(call, 'review') });
  if (call.printer.isForPeople) call.printer.lines(reviewLines(reviewed, call.printer.paint));
  else await call.printer.data(reviewed);
  return reviewed.publishable ? exitCodes.ok : exitCodes.usage;
}

const changeWords = {
  added: 'publishing adds this version',
  changed: 'publishing makes the next revision of this version',
  unchanged: 'the registry has exactly this already',
} as const;

function reviewLines({ findings, change, members, publishable }: DraftReview, paint: Paint): readonly string[] {
  const marks = { added: paint('green', '+'), removed: paint('red', '-'), changed: paint('yellow', '~') };
  return [
    ...findings.flatMap((finding) => renderFinding(finding, paint)),
    ...members.map(({ type, key, action }) => `${marks[action]} ${type} ${key}`),
    publishable ? changeWords[change] : 'it cannot be published: see the errors',
  ];
}
