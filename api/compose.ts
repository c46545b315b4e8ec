import type { Config } from '../infra/config.ts';
import { openDatabase } from '../infra/database/database.ts';
import { createDesignReader } from '../infra/design-source/design-reader.ts';
import type { DesignPrograms } from '../infra/design-source/render-folder.ts';
import type { Log } from '../infra/log.ts';
import { seedBuiltInModel } from '../infra/registry/built-in/seed.ts';
import { loadMasterKey } from '../infra/secrets/master-key.ts';
import { createVault } from '../infra/secrets/vault.ts';
import { createTemporalClient } from '../infra/temporal/client.ts';
import { loadAccessToken } from './access-token.ts';
import { createApi } from './app.ts';

export type ComposeOptions = {
  readonly config: Config;
  readonly log: Log;
  /** What converts Kustomize folders and Compose files; without them those are refused. */
  readonly programs?: DesignPrograms;
  /** How long one live stream may last, in milliseconds. */
  readonly streamMs?: number;
};

/** An app over its real database, Temporal and keys, and what closes them again. */
export async function composeApi({ config, log, programs = {}, streamMs }: ComposeOptions) {
  const vault = createVault(await loadMasterKey({ file: config.masterKeyFile, env: config.masterKey }));
  const token = config.token ?? (await loadAccessToken(config.tokenFile));
  const database = await openDatabase({ ...config.database, vault });
  await seedBuiltInModel(database);
  const temporal = await createTemporalClient(config.temporal, vault);
  const api = createApi({
    database,
    temporal: temporal.client,
    designReader: createDesignReader({ programs }),
    config: { ...config, token, streamMs },
    log,
  });
  return {
    api,
    close: async () => {
      await Promise.allSettled([temporal.close(), database.close()]);
    },
  };
}
