import type { Usage } from './registry-schemas.ts';
import type { Paint } from './output/style.ts';
import { renderTable } from './output/table.ts';
import { count } from './output/text.ts';

/** Where definitions are declared and live, as two tables. */
export function usageLines({ designs, deployments }: Usage, paint: Paint): readonly string[] {
  const options = { wide: false, nowMs: 0, paint };
  const declared = renderTable(
    designs,
    [
      { title: 'DESIGN', value: (item) => item.designName },
      { title: 'COMPONENT', value: (item) => item.component },
      { title: 'KIND', value: (item) => `${item.kind}@${item.apiVersion}` },
    ],
    options,
  );
  const live = renderTable(
    deployments,
    [
      { title: 'DEPLOYMENT', value: (item) => item.deploymentId },
      { title: 'DESIGN', value: (item) => item.designName },
      { title: 'CONNECTION', value: (item) => item.connectionName },
      { title: 'STATE', value: (item) => item.state },
      { title: 'KIND', value: (item) => `${item.kind}@${item.apiVersion}` },
      { title: 'OBJECTS', value: (item) => String(item.objectCount) },
    ],
    options,
  );
  return [
    designs.length === 0
      ? 'declared by no design'
      : `declared by ${count(new Set(designs.map(({ designId }) => designId)).size, 'design')}:`,
    ...(designs.length === 0 ? [] : declared.map((line) => `  ${line}`)),
    deployments.length === 0
      ? 'live nowhere'
      : `live in ${count(new Set(deployments.map(({ deploymentId }) => deploymentId)).size, 'deployment')}:`,
    ...(deployments.length === 0 ? [] : live.map((line) => `  ${line}`)),
  ];
}
