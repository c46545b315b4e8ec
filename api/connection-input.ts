import { z } from '@hono/zod-openapi';
import { type Connection, type ConnectionKind, connectionNameSchema } from '../domain/connection.ts';
import { SlipwayError } from '../domain/errors.ts';
import {
  checkSourceConnection,
  normalizeSourceAddress,
  type SourceConnection,
  sourceCredentialSchema,
  type SourceKind,
  sourceKinds,
} from '../domain/source-connection.ts';
import { flattenKubeconfig } from '../infra/kubernetes/kubeconfig.ts';

/** What a request gives of a connection: who gets in, and where. */

const kubeconfigFields = {
  kind: z.literal('kubernetes').optional(),
  kubeconfig: z.string().min(1).openapi({ description: 'Must hold its certificates and tokens itself' }),
  context: z.string().min(1).max(253).optional().openapi({ description: 'Default: its current context' }),
};
const credentialField = sourceCredentialSchema.clone().openapi('SourceCredential', {
  description: 'Absent or empty for what anybody may read',
});

export const newConnectionBody = z
  .discriminatedUnion('kind', [
    z.strictObject({ ...kubeconfigFields, name: connectionNameSchema }),
    z.strictObject({
      kind: z.enum(sourceKinds),
      name: connectionNameSchema,
      url: z
        .string()
        .min(1)
        .max(2_000)
        .openapi({ description: 'An https address; for git also ssh:// or git@host:path; for oci the host' }),
      credential: credentialField.optional(),
    }),
  ])
  .openapi('NewConnection');

export const newCredentialBody = z
  .discriminatedUnion('kind', [
    z.strictObject({
      ...kubeconfigFields,
      acceptNewServer: z
        .boolean()
        .optional()
        .openapi({ description: 'The kubeconfig may name another address: it is the same cluster' }),
    }),
    z.strictObject({ kind: z.enum(sourceKinds), credential: credentialField }),
  ])
  .openapi('NewCredential');

type NewConnectionBody = z.infer<typeof newConnectionBody>;
type NewCredentialBody = z.infer<typeof newCredentialBody>;

/** A connection as it is stored; `credential` is for the vault. */
export type ConnectionInput = {
  readonly kind: ConnectionKind;
  readonly server: string;
  readonly credential: string;
};

/** Where a new connection leads, and what gets in. Throws SlipwayError `invalid`. */
export function readConnectionInput(body: NewConnectionBody): ConnectionInput {
  if ('kubeconfig' in body) return readKubeconfigInput(body);
  const { kind, url, credential = {} } = body;
  return readSource({ kind, server: normalizeSourceAddress(kind, url), credential });
}

/** The connection with its new credential. Throws SlipwayError `invalid`, and `conflict` where it leads to another server. */
export function readCredentialInput(connection: Connection, body: NewCredentialBody): ConnectionInput {
  const given = body.kind ?? 'kubernetes';
  if (given !== connection.kind) {
    throw new SlipwayError('invalid', `connection ${connection.name} is a ${connection.kind} connection, not ${given}`);
  }
  if (!('kubeconfig' in body)) {
    return readSource({ kind: body.kind, server: connection.server, credential: body.credential });
  }
  const input = readKubeconfigInput(body);
  if (body.acceptNewServer !== true) refuseOtherServer(connection, input.server);
  return input;
}

function readKubeconfigInput({ kubeconfig, context }: { kubeconfig: string; context?: string | undefined }) {
  const { text, server } = flattenKubeconfig(kubeconfig, context === undefined ? {} : { context });
  return { kind: 'kubernetes', server, credential: text } as const;
}

function readSource(source: SourceConnection): ConnectionInput & { readonly kind: SourceKind } {
  const findings = checkSourceConnection(source);
  const [first] = findings;
  if (first === undefined) {
    return { kind: source.kind, server: source.server, credential: JSON.stringify(source.credential) };
  }
  throw new SlipwayError('invalid', `the ${source.kind} connection cannot be used: ${first.message}`, { findings });
}

/** What is deployed there would be looked for in another cluster. */
function refuseOtherServer({ name, server }: Connection, other: string): void {
  if (new URL(server).href === new URL(other).href) return;
  throw new SlipwayError('conflict', `connection ${name} is ${server}; the kubeconfig is for ${other}`, {
    fix: 'Add another connection for another cluster; say `acceptNewServer` when it is the same one under a new address.',
    details: { server },
  });
}
