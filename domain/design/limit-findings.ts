import type { Finding } from '../finding.ts';
import { designLimits } from './limits.ts';

/** At most as many findings as people can use, errors first, each once; the last one says how many more there are. */
export function limitFindings(findings: readonly Finding[]): Finding[] {
  const unique = [...new Map(findings.map((finding) => [JSON.stringify(finding), finding])).values()];
  if (unique.length <= designLimits.findings) return unique;
  const errors = unique.filter((finding) => finding.severity === 'error');
  const others = unique.filter((finding) => finding.severity !== 'error');
  const kept = [...errors, ...others].slice(0, designLimits.findings);
  const left = unique.length - kept.length;
  return [
    ...kept,
    { severity: 'note', code: 'design.moreFindings', message: `There are ${left} more findings; correct these first.` },
  ];
}
