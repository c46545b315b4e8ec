import type { z } from 'zod';
import { download } from './download.ts';
import type { RemoteInvocation } from './invocation.ts';
import type { exportFlagsSchema } from './registry-flags.ts';

/** Writes what an export route gives to the file that the flags name, else to one named by what is exported. */
export async function exportRegistry(
  call: RemoteInvocation<z.infer<typeof exportFlagsSchema>>,
  path: string,
): Promise<void> {
  const { format, sheet, file } = call.flags;
  const saved = await download(call, {
    path,
    query: { format, sheet },
    ...(file === undefined ? {} : { target: file }),
  });
  if (saved !== undefined) call.say(`written to ${saved}`);
}
