import { SlipwayError } from '../domain/errors.ts';
import type { DesignPrograms } from '../infra/design-source/render-folder.ts';
import type { Log } from '../infra/log.ts';
import { provisionOnce } from '../infra/runtime/provision-once.ts';

/** How long a request waits for a program that has to be downloaded or built first. */
const patienceMs = 20_000;

/** Programs that convert designs, found or fetched when the first design needs them. */
export function designPrograms(environment: Readonly<Record<string, string | undefined>>, log: Log): DesignPrograms {
  const fetchOnce = (name: 'kustomize' | 'kompose') => {
    const fetch = provisionOnce(name, { environment, onProgress: (line) => log.info(line) });
    return () => withPatience(fetch(), name);
  };
  return { kustomize: fetchOnce('kustomize'), kompose: fetchOnce('kompose') };
}

async function withPatience(fetching: Promise<string>, name: string): Promise<string> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    late.reject(
      new SlipwayError('unavailable', `${name}, which converts this design, is still being fetched`, {
        fix: 'Send the design again in a minute.',
      }),
    );
  }, patienceMs);
  try {
    return await Promise.race([fetching, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}
