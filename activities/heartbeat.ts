import { Context } from '@temporalio/activity';

const heartbeatMs = 1_000;

/** Tells Temporal every second that the work goes on; what is done is in the database, from where another worker goes on. */
export async function heartbeating<Output>(work: (signal: AbortSignal) => Promise<Output>): Promise<Output> {
  const { heartbeat, cancellationSignal } = Context.current();
  const timer = setInterval(() => heartbeat(), heartbeatMs);
  try {
    return await work(cancellationSignal);
  } finally {
    clearInterval(timer);
  }
}
