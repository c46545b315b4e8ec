import { type ProgressEntry, progressEntrySchema } from '../../domain/operation.ts';
import type { ApiClient } from '../installation/api-client.ts';

/** All entries of the live stream of an operation that has ended. */
export async function readStream({ address, token }: ApiClient, id: string): Promise<readonly ProgressEntry[]> {
  const url = `${address}/v1/operations/${id}/stream`;
  const answer = await fetch(url, { headers: { authorization: `Bearer ${token}` } });
  const messages = (await answer.text()).split('\n\n').filter((message) => !/^event: ?end$/mu.test(message));
  return messages.flatMap((message) => {
    const data = /^data: ?(.*)$/mu.exec(message)?.[1];
    return data === undefined ? [] : [progressEntrySchema.parse(JSON.parse(data))];
  });
}
