import { Option } from 'commander';
import type { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../domain/errors.ts';
import { crdRemovals, deployOptionsSchema, onFailureChoices, undeployOptionsSchema } from '../domain/operation.ts';
import type { DeployOptions, UndeployOptions } from '../domain/operation.ts';
import { parseDurationSeconds } from './duration.ts';

/** Flags that several commands share: how they are declared, and the schema that reads them. */

export const noFlagsSchema = z.object({});

export const listFlagsSchema = z.object({ limit: z.string().optional(), cursor: z.string().optional() });

export function addListFlags(command: Command): Command {
  return command
    .option('--limit <n>', 'most items to list')
    .option('--cursor <cursor>', 'list on from here: nextCursor of the list before');
}

export const waitFlagsSchema = z.object({ wait: z.boolean().default(true), waitTimeout: z.number().optional() });

export function addWaitFlags(command: Command): Command {
  return command
    .option('--no-wait', 'print the id of the operation and go')
    .addOption(
      new Option('--wait-timeout <duration>', 'stop waiting after this time (exit 6); the operation goes on').argParser(
        parseDurationSeconds,
      ),
    );
}

export const connectionFlagSchema = z.object({ connection: z.string().optional() });

export function addConnectionFlag(command: Command): Command {
  return command.option(
    '-c, --connection <name>',
    'the cluster, by name or id (default: the only connection there is)',
  );
}

export const designFlagsSchema = z.object({
  file: z.string().optional(),
  name: z.string().optional(),
  revision: z.string().optional(),
});

export function addDesignFlags(command: Command): Command {
  return command
    .option('-f, --file <path>', 'a design or manifests: a file, a folder, or - for stdin; stored under its name first')
    .option(
      '--name <name>',
      'with -f: the name to store it under (default: the name it gives itself, else the file name)',
    )
    .option('--revision <n>', 'without -f: the stored revision (default: the latest)');
}

export const deployFlagsSchema = z.object({
  namespace: z.string().optional(),
  createNamespace: z.boolean().optional(),
  installMissing: z.boolean().optional(),
  onFailure: z.enum(onFailureChoices).optional(),
  prune: z.boolean().optional(),
  forceConflicts: z.boolean().optional(),
  replace: z.boolean().optional(),
  readiness: deployOptionsSchema.shape.readiness.optional(),
  timeout: z.number().optional(),
});

export function addDeployFlags(command: Command): Command {
  return command
    .optionsGroup('How it is deployed:')
    .option('--namespace <namespace>', 'for namespaced objects that name none, in a design that names none')
    .option('--create-namespace', 'create that namespace when it is missing')
    .option(
      '--install-missing',
      'where the cluster lacks a kind that a model of the registry brings: deploy that model first, as a deployment of its own',
    )
    .addOption(
      new Option(
        '--on-failure <what>',
        'rollback: the state before; keep: leave it; remove: take all out (default: rollback)',
      ).choices(onFailureChoices),
    )
    .option('--no-prune', 'keep what the revision before owned and this one does not')
    .option('--force-conflicts', 'take over fields that another field manager owns')
    .option('--replace', 'delete and create again what cannot be changed in place')
    .addOption(
      new Option(
        '--readiness <mode>',
        'strict: no false ready; kstatus: as kstatus tells it (default: strict)',
      ).choices(['strict', 'kstatus']),
    );
}

export const undeployFlagsSchema = z.object({
  removeCrds: z.enum(crdRemovals).optional(),
  purgeVolumes: z.boolean().optional(),
  removePrerequisites: z.boolean().optional(),
  confirmLoss: z.string().optional(),
  timeout: z.number().optional(),
  dryRun: z.boolean().default(false),
});

export function addUndeployFlags(command: Command): Command {
  return command
    .optionsGroup('How it is undeployed:')
    .addOption(
      new Option('--remove-crds <when>', 'custom resource definitions that it brought (default: if-unused)').choices(
        crdRemovals,
      ),
    )
    .option('--purge-volumes', 'delete persistent volume claims too, those of StatefulSets included')
    .option(
      '--remove-prerequisites',
      'undeploy also what --install-missing deployed for it, where no other deployment needs that',
    )
    .option(
      '--confirm-loss <code>',
      'with --remove-crds always: agree to lose the custom resources of others that the refusal listed, by its code',
    );
}

export function addTimeoutFlag(command: Command): Command {
  return command.addOption(
    new Option('--timeout <duration>', 'how long one object may take, as 90s or 10m (default: 10m)').argParser(
      parseDurationSeconds,
    ),
  );
}

export const queueFlagSchema = z.object({ queue: z.boolean().default(false) });

export function addQueueFlag(command: Command): Command {
  return command.option('--queue', 'wait for the operation that holds the deployment, instead of exit 5');
}

/** The options of a deploy from its flags; throws `invalid` naming the flag. */
export function deployOptionsOf(flags: DeployFlags): DeployOptions {
  const { timeout, ...rest } = deployFlagsSchema.parse(flags);
  return readOptions(deployOptionsSchema, { ...rest, timeoutSeconds: timeout });
}

/** The options of an undeploy from its flags; throws `invalid` naming the flag. */
export function undeployOptionsOf(flags: UndeployFlags): UndeployOptions {
  const { timeout, dryRun: _dryRun, ...rest } = undeployFlagsSchema.parse(flags);
  return readOptions(undeployOptionsSchema, { ...rest, timeoutSeconds: timeout });
}

function readOptions<Schema extends z.ZodType>(schema: Schema, options: Record<string, unknown>): z.infer<Schema> {
  const result = schema.safeParse(
    Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)),
  );
  if (result.success) return result.data;
  throw new SlipwayError('invalid', z.prettifyError(result.error), { fix: 'see --help for what each flag takes' });
}

export type DeployFlags = z.infer<typeof deployFlagsSchema>;
export type UndeployFlags = z.infer<typeof undeployFlagsSchema>;
