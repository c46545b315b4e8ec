import { SlipwayError } from '../../domain/errors.ts';
import type { ErrorCode } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';
import type { Colour, Paint } from './style.ts';
import { printable } from './text.ts';

const severityColours: Readonly<Record<Finding['severity'], Colour>> = {
  error: 'red',
  warning: 'yellow',
  note: 'cyan',
};

const usualFixes: Readonly<Partial<Record<ErrorCode, string>>> = {
  invalid: 'slipway help shows every command with examples',
  unauthenticated: 'set SLIPWAY_TOKEN, or store the token: slipway context set NAME --server URL --token-stdin',
  unavailable: 'slipway status shows what runs; slipway up starts a local server; --server names another one',
  rateLimited: 'wait a little and repeat the command',
  timedOut: 'the operation goes on: slipway operation list --running',
};

/** A failure for people, in three lines (error, cause, fix) with its findings before the fix. */
export function renderError(error: unknown, paint: Paint): readonly string[] {
  if (!(error instanceof SlipwayError)) return renderBug(error, paint);
  const { requestId } = error.details;
  const fix = [
    error.fix ?? usualFixes[error.code] ?? 'slipway event list shows what happened',
    ...(requestId === undefined ? [] : [paint('gray', `request: ${String(requestId)}`)]),
  ].join('   ');
  return [
    `${paint('red', 'error:')} ${printable(error.message)} (${error.code})`,
    ...causeLine(error),
    ...error.findings.flatMap((finding) => renderFinding(finding, paint)).map((line) => `    ${line}`),
    `  fix:   ${fix}`,
  ];
}

/** One finding as `file:line:column path message`, with its fix on a second line. */
export function renderFinding(finding: Finding, paint: Paint): readonly string[] {
  const place = [finding.file, finding.line, finding.line === undefined ? undefined : finding.column]
    .filter((part) => part !== undefined)
    .join(':');
  const { subject = '', path = '' } = finding;
  const isNamed = subject !== '' && finding.message.startsWith(subject);
  const words = [
    paint(severityColours[finding.severity], `${finding.severity}:`),
    place,
    isNamed ? '' : subject,
    isNamed && finding.message.startsWith(path, subject.length + ': '.length) ? '' : path,
    printable(finding.message),
    paint('gray', `[${finding.code}]`),
  ].filter((word) => word !== '');
  return [words.join(' '), ...(finding.fix === undefined ? [] : [`  fix: ${printable(finding.fix)}`])];
}

function causeLine(error: SlipwayError): readonly string[] {
  const cause = error.cause instanceof Error ? error.cause.message : error.details['cause'];
  return cause === undefined || cause === '' ? [] : [`  cause: ${printable(String(cause))}`];
}

function renderBug(error: unknown, paint: Paint): readonly string[] {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  const [first = '', ...rest] = text.split('\n');
  return [
    `${paint('red', 'error:')} ${printable(first)}`,
    ...rest.map((line) => `  ${line.trim()}`),
    '  fix:   this is a bug in slipway: please report it with the lines above',
  ];
}
