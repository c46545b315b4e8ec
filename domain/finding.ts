import { z } from 'zod';

/** `error` stops a deploy, `warning` is reported, `note` explains what Slipway did with the input. */
export const findingSeverities = ['error', 'warning', 'note'] as const;

export const findingSchema = z.object({
  severity: z.enum(findingSeverities),
  /** Stable, for programs: `yaml.duplicateKey`, `object.invalidName`, `cluster.kindNotServed`. */
  code: z.string(),
  /** What is wrong, in one sentence. */
  message: z.string(),
  /** How to fix it. */
  fix: z.string().optional(),
  /** The component or object it is about: `Deployment shop/web`. */
  subject: z.string().optional(),
  /** The field, as `spec.template.spec.containers[0].image`. */
  path: z.string().optional(),
  file: z.string().optional(),
  /** From 1. */
  line: z.number().int().optional(),
  /** From 1. */
  column: z.number().int().optional(),
});

export type Finding = z.infer<typeof findingSchema>;
export type FindingSeverity = Finding['severity'];

export function hasErrors(findings: readonly Finding[]): boolean {
  return findings.some((finding) => finding.severity === 'error');
}
