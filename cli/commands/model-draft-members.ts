import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { jsonObjectSchema } from '../../domain/json.ts';
import { addCommand } from '../command.ts';
import { draftPath, printDraft, readDraft } from '../draft-call.ts';
import { noFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { draftSchema } from '../registry-schemas.ts';
import { readAll } from '../shell.ts';
import type { Shell } from '../shell.ts';

const fileFlagsSchema = z.object({ file: z.string() });
type FileCall = RemoteInvocation<z.infer<typeof fileFlagsSchema>>;

const folders = {
  component: 'components',
  relationship: 'relationships',
  profile: 'profiles',
  sample: 'samples',
} as const;

const memberArguments = {
  '<draft>': 'id of the draft',
  '<type>': Object.keys(folders).join(', '),
  '<name>': 'Kind@apiVersion of a component, else the name',
};

/** `slipway model draft add-crds|put|show|remove`: what a draft holds. */
export function addDraftMemberCommands(draft: Command, runner: Runner): void {
  addCommand(draft, {
    name: 'add-crds',
    description: 'Add a component for each served version of CustomResourceDefinitions, or replace it.',
    arguments: { '<draft>': 'id of the draft' },
    flags: [addFileFlag],
    examples: [['slipway model draft add-crds drf_0d… -f crds.yaml', 'YAML or JSON']],
    action: runner.remote(fileFlagsSchema, async (call) => {
      const { headers } = await readDraft(call);
      const json = { crd: await readText(call.shell, call.flags.file) };
      const path = draftPath(call, 'components');
      await printDraft(call, await call.client.post({ schema: draftSchema, path, json, headers: matchOf(headers) }));
    }),
  });
  addCommand(draft, {
    name: 'put',
    description: 'Add one member to a draft, or replace it.',
    arguments: memberArguments,
    flags: [addFileFlag],
    examples: [
      ['slipway model draft put drf_0d… component Lock@shop.example/v1 -f lock.yaml', 'schema, displayName, scope …'],
      ['slipway model draft put drf_0d… relationship lock-door -f rule.yaml', 'kind, type, selectors …'],
      ['slipway model draft put drf_0d… profile small -f small.yaml', 'component, values'],
    ],
    action: runner.remote(fileFlagsSchema, putMember),
  });
  addCommand(draft, {
    name: 'show',
    description: 'Print one member of a draft.',
    arguments: memberArguments,
    examples: [['slipway model draft show drf_0d… component Lock@shop.example/v1 -o yaml', 'to edit it']],
    action: runner.remote(noFlagsSchema, async (call) =>
      call.printer.data(await call.client.get({ schema: jsonObjectSchema, path: memberPath(call) })),
    ),
  });
  addCommand(draft, {
    name: 'remove',
    description: 'Take one member out of a draft.',
    arguments: memberArguments,
    examples: [['slipway model draft remove drf_0d… profile small', 'it is no longer part of the model']],
    action: runner.remote(noFlagsSchema, async (call) => {
      const { headers } = await readDraft(call);
      const path = memberPath(call);
      await printDraft(call, await call.client.delete({ schema: draftSchema, path, headers: matchOf(headers) }));
    }),
  });
}

function addFileFlag(command: Command): Command {
  return command.requiredOption('-f, --file <path>', 'a YAML or JSON file, or - for stdin');
}

async function putMember(call: FileCall): Promise<void> {
  const { parse } = await import('yaml');
  const content: unknown = parse(await readText(call.shell, call.flags.file));
  const result = jsonObjectSchema.safeParse(content);
  if (!result.success) throw new SlipwayError('invalid', `${call.flags.file} holds no object`);
  const { headers } = await readDraft(call);
  const request = { schema: draftSchema, path: memberPath(call), json: result.data, headers: matchOf(headers) };
  await printDraft(call, await call.client.put(request));
}

function memberPath({ args }: Pick<RemoteInvocation<unknown>, 'args'>): string {
  const [, type = '', name = ''] = args;
  const folder = Object.entries(folders).find(([known]) => known === type)?.[1];
  if (folder !== undefined) return draftPath({ args }, folder, name);
  throw new SlipwayError('invalid', `"${type}" is no type of member`, { fix: Object.keys(folders).join(', ') });
}

function matchOf(headers: Headers): Record<string, string> {
  return { 'if-match': headers.get('etag') ?? '*' };
}

async function readText(shell: Shell, place: string): Promise<string> {
  if (place === '-') return (await readAll(shell.stdin)).toString('utf8');
  return readFile(place, 'utf8').catch((error: unknown) => {
    throw new SlipwayError('invalid', `cannot read ${place}`, { cause: error, fix: '-f FILE, or -f - for stdin' });
  });
}
