import type { SchemaChange } from '../domain/registry/schema-change.ts';
import type { ModelComparison } from './registry-schemas.ts';
import type { Paint } from './output/style.ts';
import { count } from './output/text.ts';
import { usageLines } from './usage-text.ts';

/** What turns one version of a model into another, for people. */
export function comparisonLines(comparison: ModelComparison, paint: Paint): readonly string[] {
  const marks = { added: paint('green', '+'), removed: paint('red', '-'), changed: paint('yellow', '~') };
  const components = comparison.components.flatMap(({ component, action, breaking, changes, changeCount }) => [
    `${marks[action]} ${component}${breaking ? paint('red', '  breaking') : ''}`,
    ...changes.map((change) => `    ${changeLine(change, paint)}`),
    ...(changeCount > changes.length ? [`    … and ${changeCount - changes.length} more`] : []),
  ]);
  const others = comparison.members.map(({ type, key, change }) => `${marks[change]} ${type} ${key}`);
  const usage = [...comparison.usage.designs.items, ...comparison.usage.deployments.items];
  return [
    ...components,
    ...others,
    ...(usage.length === 0 ? [] : ['', 'What changes is:', ...usageLines(comparison.usage, paint)]),
  ];
}

/** `3 components added, 1 removed, 2 changed; 1 of them breaking`. */
export function comparisonSummary({ components }: ModelComparison): string {
  const counts = (['added', 'removed', 'changed'] as const).map((action) => {
    const amount = components.filter((component) => component.action === action).length;
    return `${amount} ${action}`;
  });
  const breaking = components.filter((component) => component.breaking).length;
  return `${count(components.length, 'component')}: ${counts.join(', ')}; ${breaking} breaking`;
}

function changeLine({ path, change, breaking, keyword, before, after }: SchemaChange, paint: Paint): string {
  const values = [before, after].map((value) => (value === undefined ? '' : short(JSON.stringify(value))));
  const words = change.replaceAll(/([A-Z])/g, ' $1').toLowerCase();
  const detail = before === undefined && after === undefined ? '' : `: ${values.join(' → ')}`;
  const line = `${path === '' ? '(the whole)' : path}  ${words}${keyword === undefined ? '' : ` (${keyword})`}${detail}`;
  return breaking ? `${paint('red', '!')} ${line}` : `  ${line}`;
}

function short(text: string): string {
  return text.length > 60 ? `${text.slice(0, 59)}…` : text;
}
