import type { Workload } from './workload.ts';

export const toolNames = ['slipway', 'raw', 'kubectl', 'helm', 'kapp'] as const;
export const actions = ['deploy', 'redeploy', 'undeploy'] as const;

export type ToolName = (typeof toolNames)[number];
/** `redeploy` repeats the deploy with nothing changed; `undeploy` ends when nothing of the workload is left. */
export type Action = (typeof actions)[number];

/** A way to deploy, with its name in the results. */
export type Tool = {
  readonly name: ToolName;
  /** What a user has done before the time starts: wrote the file, packed the chart, stored the design. */
  readonly prepare: (workload: Workload) => Promise<Run>;
};

/** One workload in the hands of one tool. The actions throw what the tool says when it fails. */
export type Run = Readonly<Record<Action, () => Promise<void>>> & {
  /** What the tool knows of the action that ended last; asked for outside the measured time. */
  readonly explain?: () => Promise<Explanation>;
};

export type Phase = { readonly name: string; readonly ms: number };

export type Explanation = {
  /** The action's time in order, from the request to the moment in which the client saw the end. */
  readonly phases: readonly Phase[];
  readonly historyEvents: number;
  readonly historyBytes: number | undefined;
};
