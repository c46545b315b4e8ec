import type { Command } from 'commander';
import { apiPath } from '../client.ts';
import { addCommand, addGroup } from '../command.ts';
import { noFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import type { Paint } from '../output/style.ts';
import { renderFields } from '../output/table.ts';
import { exportRegistry } from '../registry-export.ts';
import { addExportFlags, exportFlagsSchema } from '../registry-flags.ts';
import { registrySummarySchema } from '../registry-schemas.ts';
import type { RegistrySummary } from '../registry-schemas.ts';

/** `slipway registry …`: all definitions together. */
export function addRegistryCommands(program: Command, runner: Runner): void {
  const registry = addGroup(program, {
    name: 'registry',
    description: 'The registry: all models, components and relationships.',
    examples: [
      ['slipway registry summary', 'how much there is'],
      ['slipway registry export -f registry.tar.gz', 'packages that another Slipway imports at once'],
    ],
  });
  addCommand(registry, {
    name: 'summary',
    description: 'Count what the registry holds, by status, category and where it came from.',
    examples: [['slipway registry summary', 'how much there is']],
    action: runner.remote(noFlagsSchema, summarise),
  });
  addCommand(registry, {
    name: 'export',
    description: 'Write the latest version of every model to a file.',
    flags: [addExportFlags],
    examples: [
      ['slipway registry export -f registry.tar.gz', 'packages that another Slipway imports at once'],
      ['slipway registry export --format csv --sheet components -f components.csv', 'a sheet of all components'],
    ],
    action: runner.remote(exportFlagsSchema, (call) => exportRegistry(call, apiPath('registry', 'export'))),
  });
}

async function summarise({ client, printer }: RemoteInvocation<unknown>): Promise<void> {
  const summary = await client.get({ schema: registrySummarySchema, path: apiPath('registry', 'summary') });
  if (!printer.isForPeople) return printer.data(summary);
  printer.lines(summaryLines(summary, printer.paint));
}

function summaryLines(summary: RegistrySummary, paint: Paint): readonly string[] {
  const { models, versions, components, relationships } = summary;
  const totals = Object.entries({ models, versions, components, relationships });
  const tallies = [
    ['by status', summary.versionsByStatus.map(({ status, count }) => [status, count] as const)],
    ['by category', summary.versionsByCategory.map(({ category, count }) => [category, count] as const)],
    ['by registrant', summary.versionsByRegistrantKind.map(({ kind, count }) => [kind, count] as const)],
  ] as const;
  return [
    ...renderFields(
      totals.map(([label, amount]) => [label, String(amount)]),
      paint,
    ),
    ...tallies.flatMap(([title, tally]) => [
      '',
      paint('bold', `${title}:`),
      ...renderFields(
        tally.map(([value, amount]) => [`  ${value}`, String(amount)]),
        (_colour, text) => text,
      ),
    ]),
  ];
}
