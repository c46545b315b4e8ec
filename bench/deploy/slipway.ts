import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { type EventSourceMessage, EventSourceParserStream } from 'eventsource-parser/stream';
import { isFinal, type Operation, progressEntrySchema } from '../../domain/operation.ts';
import type { ApiClient } from '../../test/installation/api-client.ts';
import type { Explanation, Phase, Run, Tool } from './tool.ts';

const pollMs = 20;

export type SlipwayDeps = { readonly api: ApiClient; readonly connection: string; readonly temporal: Client };

/** How an operation ended, and what its stream told until then. */
type Finished = {
  readonly operation: Operation;
  readonly progress: readonly string[];
  /** When the client asked for it and when it saw the end, in milliseconds of the epoch. */
  readonly sentAtMs: number;
  readonly seenAtMs: number;
};

/** Slipway as its users have it: one HTTP request, then the operation's live stream to its end. */
export function createSlipwayTool(deps: SlipwayDeps): Tool {
  return {
    name: 'slipway',
    prepare: async ({ namespace, text }) => {
      await deps.api.putDesign(namespace, text);
      return createRun(deps, namespace);
    },
  };
}

function createRun(deps: SlipwayDeps, design: string): Run {
  let last: Finished | undefined;
  const carryOut = async (path: string, body: object): Promise<void> => {
    last = await finish(deps.api, path, body);
    const { state, error } = last.operation;
    if (state !== 'succeeded') throw new Error(`${state}: ${error?.message ?? 'without a reason'}`);
  };
  const deploy = (): Promise<void> => carryOut('/v1/deployments', { design, connection: deps.connection });
  return {
    deploy,
    redeploy: deploy,
    undeploy: () => carryOut(`/v1/deployments/${last?.operation.deploymentId}/undeploy`, {}),
    explain: async () => {
      if (last === undefined) throw new Error('there is no operation to explain');
      return explain(deps, last);
    },
  };
}

async function finish(api: ApiClient, path: string, body: object): Promise<Finished> {
  const sentAtMs = Date.now();
  const accepted = await api.start(path, body);
  const progress = await followToEnd(api, accepted.id);
  const seenAtMs = Date.now();
  return { operation: await api.operation(accepted.id), progress, sentAtMs, seenAtMs };
}

/** The texts of an operation's progress entries, read live until the end; the server closes long streams now and then. */
async function followToEnd(api: ApiClient, operationId: string): Promise<readonly string[]> {
  const progress: string[] = [];
  let after = '0';
  for (;;) {
    for await (const { id, event, data } of openStream(api, operationId, after)) {
      if (event === 'end') return progress;
      progress.push(data);
      after = id ?? after;
    }
  }
}

async function* openStream(api: ApiClient, operationId: string, after: string): AsyncGenerator<EventSourceMessage> {
  const answer = await fetch(`${api.address}/v1/operations/${operationId}/stream?after=${after}`, {
    headers: { authorization: `Bearer ${api.token}`, accept: 'text/event-stream' },
  });
  if (!answer.ok || answer.body === null) throw new Error(`the stream of ${operationId} answered ${answer.status}`);
  yield* answer.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
}

async function explain({ temporal }: SlipwayDeps, finished: Finished): Promise<Explanation> {
  const description = await describeClosed(temporal, `deployment/${finished.operation.deploymentId}`);
  return {
    phases: phasesOf(finished),
    historyEvents: description.historyLength,
    historyBytes: description.historySize,
  };
}

/** The workflow closes some milliseconds after it has ended its operation. */
async function describeClosed(temporal: Client, workflowId: string) {
  for (;;) {
    const description = await temporal.workflow.getHandle(workflowId).describe();
    if (description.status.name !== 'RUNNING') return description;
    await sleep(pollMs);
  }
}

/** How long each phase took: it ends where the next begins. `start` is before the first, `notice` after the last. */
function phasesOf({ progress, sentAtMs, seenAtMs }: Finished): readonly Phase[] {
  const entries = progress.map((text) => progressEntrySchema.parse(JSON.parse(text)));
  const marks = [
    { name: 'start', atMs: sentAtMs },
    ...entries.flatMap(({ time, change }) => {
      const atMs = Date.parse(time);
      if (change.type === 'phase') return [{ name: change.phase, atMs }];
      return change.type === 'operation' && isFinal(change.state) ? [{ name: 'notice', atMs }] : [];
    }),
  ];
  return marks.map(({ name, atMs }, index) => ({ name, ms: (marks[index + 1]?.atMs ?? seenAtMs) - atMs }));
}
