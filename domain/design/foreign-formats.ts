import type { Finding } from '../finding.ts';
import type { ForeignFormat } from './detect-format.ts';
import { findingAt, type SourceDocument } from './source-document.ts';

type Advice = { readonly message: string; readonly fix: string };

const accepted =
  'a Slipway design, Kubernetes manifests, a Meshery design, a Compose file, or an archive of a Kustomize folder';

const advice: Readonly<Record<ForeignFormat, Advice>> = {
  helmChart: {
    message: 'This is a Helm chart, which is not accepted as a design.',
    fix: 'Render it with "helm template" and give the manifests.',
  },
  mesheryDefinition: {
    message: 'This is a Meshery definition (a component, model, relationship or the like), not a design.',
    fix: 'Give a design that uses it.',
  },
  mixed: {
    message: 'The documents are in different formats, so they cannot be one design.',
    fix: 'Give one format a file.',
  },
  severalDesigns: { message: 'The file holds more than one design.', fix: 'Give one design a file.' },
  text: { message: 'This is plain text, not a design.', fix: `Give ${accepted}.` },
  unknown: { message: 'This is in no format that Slipway knows.', fix: `Give ${accepted}.` },
};

/** Says what a file is that is no design, and what to give instead. */
export function foreignFormat(foreign: ForeignFormat, document: SourceDocument): Finding {
  return findingAt({ document, path: [] }, { severity: 'error', code: `format.${foreign}`, ...advice[foreign] });
}
