import type { Usage } from './registry-schemas.ts';
import type { Paint } from './output/style.ts';
import { renderTable } from './output/table.ts';

/** Where definitions are declared and live, as two tables; `NEEDED` marks what nothing else in the registry defines. */
export function usageLines({ designs, deployments }: Usage, paint: Paint): readonly string[] {
  const options = { wide: false, nowMs: 0, paint };
  const declared = renderTable(
    designs.items,
    [
      { title: 'DESIGN', value: (item) => item.name },
      { title: 'COMPONENTS', value: (item) => String(item.componentCount) },
      { title: 'NEEDED', value: (item) => yes(item.needed) },
    ],
    options,
  );
  const live = renderTable(
    deployments.items,
    [
      { title: 'DEPLOYMENT', value: (item) => item.id },
      { title: 'DESIGN', value: (item) => item.designName },
      { title: 'CONNECTION', value: (item) => item.connectionName },
      { title: 'STATE', value: (item) => item.state },
      { title: 'OBJECTS', value: (item) => String(item.objectCount) },
      { title: 'NEEDED', value: (item) => yes(item.needed) },
    ],
    options,
  );
  return [
    ...(designs.items.length === 0 ? ['declared by no stored design'] : declared),
    ...more(designs.nextCursor),
    '',
    ...(deployments.items.length === 0 ? ['live in no deployment'] : live),
    ...more(deployments.nextCursor),
  ];
}

function yes(needed: boolean): string {
  return needed ? 'yes' : 'no';
}

function more(nextCursor: string | null): readonly string[] {
  return nextCursor === null ? [] : ['… and more'];
}
