import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';
import { formatPath } from '../../domain/json.ts';

const text = z.string().min(1);

const clusterSchema = z.object({
  server: z.url({ protocol: /^https?$/, error: 'is not an http or https address' }),
  'certificate-authority': text.optional(),
  'certificate-authority-data': z.base64().optional(),
  'insecure-skip-tls-verify': z.boolean().optional(),
  'tls-server-name': text.optional(),
  'proxy-url': z.url({ protocol: /^(https?|socks5)$/, error: 'is not an http, https or socks5 address' }).optional(),
});

const userSchema = z.object({
  token: text.optional(),
  tokenFile: text.optional(),
  username: text.optional(),
  password: z.string().optional(),
  'client-certificate': text.optional(),
  'client-certificate-data': z.base64().optional(),
  'client-key': text.optional(),
  'client-key-data': z.base64().optional(),
  as: text.optional(),
  'as-uid': text.optional(),
  'as-groups': z.array(text).optional(),
  'as-user-extra': z.record(text, z.array(z.string())).optional(),
  exec: z
    .looseObject({
      command: text,
      args: z.array(z.string()).nullish(),
      env: z.array(z.object({ name: text, value: z.string() })).nullish(),
    })
    .optional(),
  'auth-provider': z.looseObject({ name: text, config: z.record(z.string(), z.string()).nullish() }).optional(),
});

const contextSchema = z.object({ cluster: text, user: z.string().optional(), namespace: text.optional() });

/** A kubeconfig, as `k8s.io/client-go/tools/clientcmd/api/v1` has it; what Slipway does not use is left out. */
export const kubeconfigSchema = z.object({
  'current-context': z.string().nullish(),
  clusters: z.array(z.object({ name: text, cluster: clusterSchema })).nullish(),
  contexts: z.array(z.object({ name: text, context: contextSchema })).nullish(),
  users: z.array(z.object({ name: text, user: z.preprocess((user) => user ?? {}, userSchema) })).nullish(),
});

export type Kubeconfig = z.infer<typeof kubeconfigSchema>;
export type KubeconfigCluster = z.infer<typeof clusterSchema>;
export type KubeconfigUser = z.infer<typeof userSchema>;

/** A kubeconfig has a few kilobytes; a large one has hundreds of contexts. */
const maximumCharacters = 1_000_000;

/** The kubeconfig in `source` (YAML or JSON). Throws `invalid` with findings, which never quote a value. */
export function parseKubeconfig(source: string): Kubeconfig {
  if (source.length > maximumCharacters) {
    throw new SlipwayError('tooLarge', `the kubeconfig has more than ${maximumCharacters} characters`);
  }
  const lines = new LineCounter();
  // Pretty errors quote the source, which holds credentials.
  const document = parseDocument(source, { prettyErrors: false, lineCounter: lines });
  const broken = document.errors.map(({ message, pos }) => yamlFinding(message, lines.linePos(pos[0])));
  if (broken.length > 0) throw refused('the kubeconfig is not valid YAML', broken);
  const result = kubeconfigSchema.safeParse(document.toJS({ maxAliasCount: 100 }));
  if (result.success) return result.data;
  throw refused('this is not a usable kubeconfig', result.error.issues.map(schemaFinding));
}

function refused(message: string, findings: readonly Finding[]): SlipwayError {
  const first = findings[0];
  const where = first?.path ?? (first?.line === undefined ? undefined : `line ${first.line}`);
  const detail = first === undefined ? '' : `: ${where === undefined ? '' : `${where}: `}${first.message}`;
  return new SlipwayError('invalid', `${message}${detail}`, {
    findings,
    fix: 'Give the output of: kubectl config view --raw --minify --flatten',
  });
}

function yamlFinding(message: string, { line, col }: { readonly line: number; readonly col: number }): Finding {
  return { severity: 'error', code: 'kubeconfig.yaml', message, line, column: col };
}

function schemaFinding(issue: z.core.$ZodIssue): Finding {
  const path = formatPath(issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step)));
  return {
    severity: 'error',
    code: 'kubeconfig.schema',
    message: issue.message,
    ...(path === '' ? {} : { path }),
  };
}
