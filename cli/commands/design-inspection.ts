import type { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { hasErrors } from '../../domain/finding.ts';
import { comparisonSchema, jsonDocumentSchema } from '../api-schemas.ts';
import type { Comparison } from '../api-schemas.ts';
import { apiPath } from '../client.ts';
import { addCommand } from '../command.ts';
import { readDesignSource } from '../design-source.ts';
import { revisionOf, validateSource } from '../design-store.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { noFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { renderFinding } from '../output/errors.ts';
import type { Paint } from '../output/style.ts';
import { renderFieldChange } from '../plan-text.ts';
import { addEvaluationCommand } from './design-evaluation.ts';

const exportFormats = ['slipway', 'manifests', 'source'] as const;
const exportFlagsSchema = z.object({
  format: z.enum(exportFormats).default('slipway'),
  revision: z.string().optional(),
});
const compareFlagsSchema = z.object({ from: z.string(), to: z.string() });
const validateFlagsSchema = z.object({ file: z.string(), name: z.string().optional() });

/** `slipway design compare|export|validate|schema|evaluate`: what a design says, without a cluster. */
export function addInspectionCommands(design: Command, runner: Runner): void {
  addCommand(design, {
    name: 'compare',
    description: 'Compare two revisions of a design, field by field.',
    arguments: { '<design>': 'name or id' },
    flags: [(command) => command.requiredOption('--from <n>', 'revision').requiredOption('--to <n>', 'revision')],
    examples: [['slipway design compare shop --from 1 --to 2', 'what the second revision changed']],
    action: runner.remote(compareFlagsSchema, compare),
  });
  addCommand(design, {
    name: 'export',
    description: 'Write a design to stdout, without loss.',
    arguments: { '<design>': 'name or id' },
    flags: [
      (command) =>
        command
          .option(
            '--format <format>',
            `${exportFormats.join(', ')} (source: the text as it was given; default: slipway)`,
          )
          .option('--revision <n>', 'default: the latest'),
    ],
    examples: [['slipway design export shop --format manifests > shop.yaml', 'plain Kubernetes manifests']],
    action: runner.remote(exportFlagsSchema, async ({ client, printer, flags, args: [name = ''] }) =>
      printer.bytes(await client.bytes(apiPath('designs', name, 'export'), flags)),
    ),
  });
  addValidation(design, runner);
  addEvaluationCommand(design, runner);
}

function addValidation(design: Command, runner: Runner): void {
  addCommand(design, {
    name: 'validate',
    description: 'Check a design without storing it: every finding at once, exit 2 where one is an error.',
    flags: [
      (command) =>
        command
          .requiredOption('-f, --file <path>', 'a file, a folder (Kustomize or manifests), or - for stdin')
          .option('--name <name>', 'the name that it would be stored under'),
    ],
    examples: [
      ['slipway design validate -f shop.yaml', 'findings as file:line:column path message'],
      ['slipway design validate -f shop.yaml -o json', 'for an editor or a pipeline'],
    ],
    action: runner.remote(validateFlagsSchema, validate),
  });
  addCommand(design, {
    name: 'schema',
    description: "Print the JSON Schema of Slipway's own design format.",
    examples: [['slipway design schema > design.schema.json', 'name it in your editor to have fields completed']],
    action: runner.remote(noFlagsSchema, async ({ client, printer }) =>
      printer.data(await client.get({ schema: jsonDocumentSchema, path: apiPath('schemas', 'design.json') })),
    ),
  });
}

async function compare(call: RemoteInvocation<z.infer<typeof compareFlagsSchema>>): Promise<void> {
  const { client, printer, flags, args } = call;
  const comparison = await client.get({
    schema: comparisonSchema,
    path: apiPath('designs', args[0] ?? '', 'compare'),
    query: { from: revisionOf(flags.from), to: revisionOf(flags.to) },
  });
  if (!printer.isForPeople) return printer.data(comparison);
  printer.lines(comparisonLines(comparison, printer.paint));
  if (comparison.changes.length + comparison.design.length === 0) call.say('the two revisions are the same');
}

function comparisonLines({ changes, design }: Comparison, paint: Paint): readonly string[] {
  const marks = { added: paint('green', '+'), removed: paint('red', '-'), changed: paint('yellow', '~') };
  return [
    ...design.map((field) => renderFieldChange(field, paint)),
    ...changes.flatMap(({ component, action, diff }) => [
      `${marks[action]} ${component}`,
      ...diff.map((field) => `    ${renderFieldChange(field, paint)}`),
    ]),
  ];
}

async function validate(call: RemoteInvocation<z.infer<typeof validateFlagsSchema>>): Promise<ExitCode> {
  const source = await readDesignSource(call.shell, call.flags.file);
  const validation = await validated(call, source);
  if (!call.printer.isForPeople) await call.printer.data(validation);
  else call.printer.lines(validation.findings.flatMap((finding) => renderFinding(finding, call.printer.paint)));
  const failed = hasErrors(validation.findings) || validation.design === null;
  call.say(failed ? 'the design has errors' : `design ${validation.design?.name ?? ''} is valid`);
  return failed ? exitCodes.usage : exitCodes.ok;
}

/** Input that cannot be read at all is a validation with findings too. */
async function validated(
  call: RemoteInvocation<z.infer<typeof validateFlagsSchema>>,
  source: Awaited<ReturnType<typeof readDesignSource>>,
): ReturnType<typeof validateSource> {
  try {
    return await validateSource(call.client, source, call.flags.name);
  } catch (error) {
    if (error instanceof SlipwayError && error.findings.length > 0)
      return { design: null, findings: [...error.findings] };
    throw error;
  }
}
