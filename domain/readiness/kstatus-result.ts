/** The statuses of kstatus. NotFound is left out: it is what a cluster says, not what an object shows. */
export type KstatusStatus = 'InProgress' | 'Failed' | 'Current' | 'Terminating' | 'Unknown';

export type KstatusCondition = {
  readonly type: 'Reconciling' | 'Stalled';
  readonly status: 'True';
  readonly reason: string;
  readonly message: string;
};

export type KstatusResult = {
  readonly status: KstatusStatus;
  readonly reason: string;
  readonly message: string;
  readonly conditions: readonly KstatusCondition[];
};

/** The object is as wanted. */
export function current(message: string): KstatusResult {
  return { status: 'Current', reason: '', message, conditions: [] };
}

/** The object is on its way, shown as a `Reconciling` condition. */
export function inProgress(reason: string, message: string): KstatusResult {
  const conditions = [{ type: 'Reconciling', status: 'True', reason, message }] as const;
  return { status: 'InProgress', reason, message, conditions };
}

/** The object will not get there by itself, shown as a `Stalled` condition. */
export function failed(reason: string, message: string): KstatusResult {
  const conditions = [{ type: 'Stalled', status: 'True', reason, message }] as const;
  return { status: 'Failed', reason, message, conditions };
}
