import { SlipwayError } from '../../domain/errors.ts';

/**
 * What is wrong with the Temporal server that the environment names, or undefined where it answers. An environment that
 * cannot be read is a problem too.
 */
export async function findTemporalProblem(
  environment: Readonly<Record<string, string | undefined>>,
): Promise<SlipwayError | undefined> {
  try {
    // Loaded when they are needed: the command line starts without the client of Temporal.
    const [{ loadConfig }, { checkTemporal }] = await Promise.all([
      import('../config.ts'),
      import('../temporal/client.ts'),
    ]);
    await checkTemporal(loadConfig(environment).temporal);
    return undefined;
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
}
