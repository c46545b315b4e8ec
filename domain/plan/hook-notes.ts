import type { Finding } from '../finding.ts';
import type { DesignIndex } from './design-index.ts';

/** Says that Helm's hooks order nothing here: outside of a Helm release they are ordinary objects. */
export function hookNotes({ objects }: DesignIndex): readonly Finding[] {
  const hooks = objects.filter(({ annotations }) => annotations['helm.sh/hook'] !== undefined);
  return hooks.map(({ component }) => ({
    severity: 'note',
    code: 'plan.helmHookIgnored',
    message: `${component} is a Helm hook; its hook phase and weight are not followed`,
    fix: 'Say what must come first with dependsOn, or deploy the chart as a Helm release.',
    subject: component,
  }));
}
