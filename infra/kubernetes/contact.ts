import { isRetryable, SlipwayError } from '../../domain/errors.ts';

/** Requests to an API server that fail in a way that a repetition may mend, with none answered in between. */
export type Outage = {
  /** The newest failure. */
  readonly error: SlipwayError;
  /** When the first request failed, by `performance.now()`. */
  readonly since: number;
  /** When the newest request failed, by `performance.now()`. */
  readonly latest: number;
};

/** Whether an API server answers, as the requests to it tell. */
export type Contact = {
  /** What goes on now, or undefined where the newest request got an answer. */
  readonly outage: () => Outage | undefined;
  /** When it answered last, by `performance.now()`; undefined where it never did. */
  readonly answeredAt: () => number | undefined;
};

export type ContactNotes = Contact & {
  /** Makes a request and takes note of what became of it. */
  readonly note: <T>(attempt: () => Promise<T>) => Promise<T>;
};

/** Nothing is known yet. */
export function createContact(): ContactNotes {
  let outage: Outage | undefined;
  let answeredAt: number | undefined;
  const answered = (): void => {
    outage = undefined;
    answeredAt = performance.now();
  };
  const failed = (error: unknown): void => {
    if (!(error instanceof SlipwayError)) return;
    const latest = performance.now();
    if (isRetryable(error.code)) outage = { error, since: outage?.since ?? latest, latest };
    else if (isAnswer(error)) answered();
  };
  return {
    outage: () => outage,
    answeredAt: () => answeredAt,
    note: async (attempt) => {
      try {
        const result = await attempt();
        answered();
        return result;
      } catch (error) {
        failed(error);
        throw error;
      }
    },
  };
}

/** Whether it is what the server answered: a request that got no answer has status 0, one that was given up none. */
function isAnswer({ details }: SlipwayError): boolean {
  return Number(details['status'] ?? 0) > 0;
}
