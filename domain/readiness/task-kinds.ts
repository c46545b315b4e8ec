const taskKind = /(?:Job|Run|Task|Workflow|Experiment|Evaluation|Backup|Restore|Migration|Build|Test|Execution)$/;

/** True for kinds that do one thing and end, judged by name: for them `Running` is not the goal. */
export function isTaskKind(kind: string): boolean {
  return taskKind.test(kind);
}
