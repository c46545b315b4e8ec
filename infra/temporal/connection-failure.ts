import { SlipwayError } from '../../domain/errors.ts';

/** What a server's refusal says about the configuration. */
type Misconfiguration = { readonly pattern: RegExp; readonly message: string; readonly fix: string };

const clientCertificateVariables = 'TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_TLS_CLIENT_KEY_PATH';

/** Words of Node's TLS, and gRPC statuses. */
const misconfigurations: readonly Misconfiguration[] = [
  {
    pattern: /self.signed certificate|unable to (verify|get)|CERT_UNTRUSTED|certificate signature failure/i,
    message: 'the certificate of the Temporal server is signed by an authority that is not trusted',
    fix: "Name the certificate of the server's authority in TEMPORAL_TLS_SERVER_CA_CERT_PATH.",
  },
  {
    pattern: /ERR_TLS_CERT_ALTNAME_INVALID|does not match certificate's altnames/i,
    message: 'the certificate of the Temporal server is for another name',
    fix: 'Give the name that the certificate is for in TEMPORAL_TLS_SERVER_NAME, or correct TEMPORAL_ADDRESS.',
  },
  {
    pattern: /certificate has expired|CERT_HAS_EXPIRED|not yet valid/i,
    message: 'the certificate of the Temporal server is not valid now',
    fix: "Renew the server's certificate, or set this machine's clock.",
  },
  {
    pattern: /alert (certificate|bad certificate|unknown ca|handshake failure)|alert number (4[0-9]|116)/i,
    message: 'the Temporal server does not accept the client certificate, or wants one',
    fix: `Name a certificate that the server accepts, and its key, in ${clientCertificateVariables}.`,
  },
  {
    pattern: /wrong version number|packet length too long/i,
    message: 'the Temporal server does not speak TLS',
    fix: 'Set TEMPORAL_TLS=false and name no TEMPORAL_TLS_… files, or correct TEMPORAL_ADDRESS.',
  },
  {
    pattern: /^16 UNAUTHENTICATED/,
    message: 'the Temporal server does not accept the API key',
    fix: 'Give a valid key in TEMPORAL_API_KEY.',
  },
  {
    pattern: /^7 PERMISSION_DENIED/,
    message: 'the Temporal server does not allow what Slipway needs',
    fix: 'Correct TEMPORAL_API_KEY or TEMPORAL_NAMESPACE: the key must be for that namespace.',
  },
];

/** The failure of a first request as an error for people: `invalid` with the variable to correct, else `unavailable`. */
export function explainConnectionFailure(
  error: unknown,
  { address, tls }: { readonly address: string; readonly tls?: object | undefined },
): SlipwayError {
  const text = error instanceof Error ? error.message : String(error);
  const known = misconfigurations.find(({ pattern }) => pattern.test(text));
  if (known !== undefined) return new SlipwayError('invalid', known.message, { cause: error, fix: known.fix });
  return new SlipwayError('unavailable', `no Temporal server answers at ${address}`, {
    cause: error,
    fix: `Start it, or correct TEMPORAL_ADDRESS; ${tlsAdvice(tls !== undefined)}.`,
  });
}

/** A connection that just ends may be one between a side with TLS and one without, or without the right certificate. */
function tlsAdvice(hasTls: boolean): string {
  return hasTls
    ? `where the server wants a client certificate, see ${clientCertificateVariables}`
    : 'where it speaks TLS, set TEMPORAL_TLS=true';
}
