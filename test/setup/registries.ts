import { startRegistry } from '../../infra/runtime/registry-server.ts';
import type { UnexpectedExit } from '../../infra/runtime/process.ts';
import type { StateDirectory } from '../../infra/runtime/state-directory.ts';

/** One OCI registry that lets everybody in, and one that asks for a name and a password. */
export type TestRegistries = {
  /** Host and port; no TLS. */
  readonly address: string;
  readonly guarded: { readonly address: string; readonly username: string; readonly password: string };
};

const username = 'harbourmaster';
const password = 'berth-17-of-the-dock';
/** bcrypt of the password with the lowest cost, as the only kind of hash that the registry reads. */
const htpasswd = `${username}:$2a$04$7O2lDid92yBqXt7xxFoT2OByCJE5ToVZLyRC89Opa9PWrXvC8KRxS\n`;

/** Starts both registries; `stop` ends them. */
export async function startRegistries(options: {
  readonly state: StateDirectory;
  readonly program: string;
  readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
}): Promise<{ readonly registries: TestRegistries; readonly stop: () => Promise<void> }> {
  const open = await startRegistry({ ...options, name: 'registry' });
  const guarded = await startRegistry({
    ...options,
    name: 'guarded-registry',
    access: { kind: 'basic', htpasswd },
  }).catch(async (error: unknown) => {
    await open.stop();
    throw error;
  });
  return {
    registries: { address: open.address, guarded: { address: guarded.address, username, password } },
    stop: async () => {
      await Promise.all([open.stop(), guarded.stop()]);
    },
  };
}
