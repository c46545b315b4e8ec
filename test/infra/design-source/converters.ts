import type { DesignPrograms } from '../../../infra/design-source/render-folder.ts';
import { provision } from '../../../infra/runtime/provision.ts';

const options = { environment: process.env, onProgress: (line: string) => process.stderr.write(`${line}\n`) };

/** The real kustomize and kompose, found or built as Slipway itself does it. */
export const realPrograms: DesignPrograms = {
  kustomize: () => provision('kustomize', options),
  kompose: () => provision('kompose', options),
};
