import type { Paint } from '../output/style.ts';
import { renderFields } from '../output/table.ts';
import type { Running } from './running.ts';

/** The CLI, as it is called where nothing is installed globally. */
const command = 'node cli/slipway.js';

/** Where everything is, what of it is simulated, and what to try next. */
export function addressLines(
  running: Running,
  { paint, stop, design = 'my-design' }: { readonly paint: Paint; readonly stop: string; readonly design?: string },
): readonly string[] {
  const { server, temporal, temporalUi, connection, kubeconfig, simulated } = running;
  return [
    '',
    ...renderFields(
      [
        ['API', server],
        ['API docs', `${server}/docs`],
        temporalUi === null ? ['Temporal', temporal] : ['Temporal UI', temporalUi],
        ['Cluster', `connection "${connection}", kubectl --kubeconfig ${kubeconfig} get all -A`],
      ],
      paint,
    ),
    ...(simulated
      ? ['The control plane is real; nodes and pods are simulated by kwok: no container of yours runs.']
      : []),
    '',
    'Try:',
    `  ${command} deployment list`,
    `  ${command} deployment resources ${design}`,
    `  ${command} plan -f my-design.yaml`,
    `  ${command} undeploy ${design}`,
    '',
    stop,
  ];
}
