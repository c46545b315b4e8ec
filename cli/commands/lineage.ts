import type { Command } from 'commander';
import { z } from 'zod';
import { apiPath } from '../client.ts';
import { addCommand } from '../command.ts';
import { addConnectionFlag, connectionFlagSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { lineageLines } from '../lineage-text.ts';
import { lineageSchema } from '../registry-schemas.ts';
import { resolveConnection } from '../resolve.ts';

const lineageFlagsSchema = z.object({
  ...connectionFlagSchema.shape,
  namespace: z.string().optional(),
  apiVersion: z.string().optional(),
});

/** `slipway lineage`: from a live object back to what it was made of. */
export function addLineageCommand(program: Command, runner: Runner): void {
  addCommand(program, {
    name: 'lineage',
    description: 'Show for a live object the design, the definition and the schema that it came from, with versions.',
    arguments: { '<kind>': 'kind of the object, such as Certificate', '<name>': 'its name' },
    flags: [
      (command) =>
        command
          .option('-n, --namespace <namespace>', 'its namespace; absent for objects without one')
          .option('--api-version <version>', 'where several kinds have that name, such as apps/v1'),
      addConnectionFlag,
    ],
    examples: [
      ['slipway lineage Certificate shop-tls -n shop -c prod', 'back to the schema'],
      ['slipway lineage Namespace shop -o json', 'for programs'],
    ],
    action: runner.remote(lineageFlagsSchema, showLineage),
  });
}

async function showLineage(call: RemoteInvocation<z.infer<typeof lineageFlagsSchema>>): Promise<void> {
  const { client, printer, flags, args } = call;
  const [kind, name] = args;
  const connection = await resolveConnection(client, flags.connection);
  const query = { connection, kind, name, namespace: flags.namespace, apiVersion: flags.apiVersion };
  const lineage = await client.get({ schema: lineageSchema, path: apiPath('lineage'), query });
  if (!printer.isForPeople) return printer.data(lineage);
  printer.lines(lineageLines(lineage, printer.paint));
}
