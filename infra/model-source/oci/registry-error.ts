import { z } from 'zod';
import { SlipwayError, type ErrorCode } from '../../../domain/errors.ts';
import type { WebAnswer } from '../web-client.ts';
import { jsonBody } from './json-body.ts';

const textLength = 300;

const errorBody = z.object({
  errors: z.array(z.object({ code: z.string().catch(''), message: z.string().catch('') })).min(1),
});

type Failure = { readonly code: ErrorCode; readonly problem: string; readonly fix: string };

const failures: Readonly<Record<number, Failure>> = {
  403: {
    code: 'forbidden',
    problem: 'refuses this',
    fix: 'Give the user of the connection the right to read this repository, or to write it for a push.',
  },
  404: {
    code: 'notFound',
    problem: 'does not have it',
    fix: 'Correct the name, tag or digest; a private repository may need a connection with a credential.',
  },
  405: {
    code: 'unsupported',
    problem: 'cannot do this',
    fix: 'Use a registry that follows the OCI specification 1.0 or newer.',
  },
  413: { code: 'tooLarge', problem: 'finds it too large', fix: 'Raise the limit of the registry, or push less.' },
};

const otherFailure: Failure = {
  code: 'failed',
  problem: 'refuses the request',
  fix: 'Read the message of the registry; its log may tell more.',
};

/** What a registry's refusal means: `where` is the reference, the registry's own words follow it. */
export function registryError(where: string, answer: Pick<WebAnswer, 'status' | 'body'>): SlipwayError {
  const { code, problem, fix } = failures[answer.status] ?? otherFailure;
  const words = wordsOf(answer.body);
  const message = `${where}: the registry ${problem} (${answer.status}${words === '' ? '' : `, ${words}`})`;
  return new SlipwayError(code, message, { fix, details: { status: answer.status } });
}

/** What the registry says of the error, without what could harm a terminal. */
function wordsOf(body: Uint8Array): string {
  const [first] = errorBody.safeParse(jsonBody(body)).data?.errors ?? [];
  const words = first === undefined ? '' : [first.code, first.message].filter((text) => text !== '').join(': ');
  return words.replace(/[\p{Cc}\p{Cf}]+/gu, ' ').slice(0, textLength);
}
