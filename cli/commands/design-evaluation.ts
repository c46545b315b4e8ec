import type { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { describeRelationship, evaluationSchema } from '../../domain/relationship/evaluation.ts';
import { apiPath } from '../client.ts';
import { addCommand } from '../command.ts';
import { readDesignSource } from '../design-source.ts';
import { evaluateSource, revisionOf } from '../design-store.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { renderFinding } from '../output/errors.ts';
import type { View } from '../output/printer.ts';
import { count, printable } from '../output/text.ts';

const flagsSchema = z.object({
  file: z.string().optional(),
  revision: z.string().optional(),
  disable: z.string().optional(),
  trace: z.boolean().default(false),
});

type Evaluation = z.infer<typeof evaluationSchema>;
type Edge = Evaluation['edges'][number];

/** `slipway design evaluate`: what relationships say of a design. */
export function addEvaluationCommand(design: Command, runner: Runner): void {
  addCommand(design, {
    name: 'evaluate',
    description: 'Show what the relationships of the registry say of a design; nothing is changed.',
    arguments: { '[design]': 'name or id of a stored design; or give -f' },
    flags: [
      (command) =>
        command
          .option('-f, --file <path>', 'a design that is not stored: a file, a folder, or - for stdin')
          .option('--revision <n>', 'default: the latest')
          .option('--disable <list>', 'relationships to leave out: edge, edge/binding, edge/binding/mount')
          .option('--trace', 'tell every step'),
    ],
    examples: [
      ['slipway design evaluate shop', 'which components go together, what a deploy fills, what is missing'],
      ['slipway design evaluate -f shop.yaml --trace -o json', 'with every step, for programs'],
    ],
    action: runner.remote(flagsSchema, async (call) => {
      const evaluation = await evaluate(call);
      if (!call.printer.isForPeople) return call.printer.data(evaluation);
      return show(call, evaluation);
    }),
  });
}

async function evaluate({
  client,
  shell,
  flags,
  args,
}: RemoteInvocation<z.infer<typeof flagsSchema>>): Promise<Evaluation> {
  const [name] = args;
  const { file, revision, disable, trace } = flags;
  if ((name === undefined) === (file === undefined))
    throw new SlipwayError('invalid', 'name either a stored design or a file', { fix: 'DESIGN, or -f FILE' });
  if (file !== undefined)
    return evaluateSource(client, await readDesignSource(shell, file), { disabled: disable, trace });
  const json = {
    trace,
    ...(revision === undefined ? {} : { revision: revisionOf(revision) }),
    ...(disable === undefined ? {} : { disabled: disable.split(',') }),
  };
  return client.post({ schema: evaluationSchema, path: apiPath('designs', name ?? '', 'evaluate'), json });
}

const edgeView: View<Edge> = {
  noun: 'relation',
  name: ({ from, to }) => `${from}/${to}`,
  columns: [
    { title: 'FROM', value: ({ from }) => from },
    { title: 'TO', value: ({ to }) => to },
    { title: 'FIRST', value: ({ order, from, to }) => (order === undefined ? '' : order.first === 'from' ? from : to) },
    { title: 'RELATIONSHIP', value: ({ relationship }) => describeRelationship(relationship) },
    { title: 'FIELD', value: ({ path }) => path ?? '', wide: true },
    { title: 'WHY', value: ({ why }) => printable(why) },
  ],
};

async function show({ printer, say }: RemoteInvocation<unknown>, evaluation: Evaluation): Promise<void> {
  const { edges, changes, findings, trace = [] } = evaluation;
  if (edges.length > 0) await printer.list(edgeView, { items: edges, nextCursor: null });
  printer.lines([
    ...changes.map(
      ({ component, path, value, why }) =>
        `${printer.paint('green', '+')} ${component} ${path}: ${printable(JSON.stringify(value))}  ${printable(why)}`,
    ),
    ...findings.flatMap((finding) => renderFinding(finding, printer.paint)),
    ...trace.map(({ round, outcome, relationship, why }) =>
      printer.paint('gray', `${round} ${outcome} ${printable(why)} (${describeRelationship(relationship)})`),
    ),
  ]);
  say(
    `${count(edges.length, 'relation')}, ${count(changes.length, 'filled field')}, ${count(findings.length, 'finding')}`,
  );
}
