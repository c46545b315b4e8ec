const folder = (name) => `^${name}/`;
const npm = (name) => `^node_modules/${name}/`;
const anyPackage = '^node_modules/';
const builtIn = '^(node:)?[a-z_/0-9]+$';

/**
 * What each folder may import at run time; a type may be imported from anywhere but into `domain`. Data walks in one
 * direction: cli -> api -> workflows -> activities -> adapters -> cluster.
 */
const mayImport = {
  domain: [folder('domain'), npm('zod')],
  workflows: [folder('workflows'), folder('domain'), npm('@temporalio/workflow'), npm('@temporalio/common')],
  activities: [folder('activities'), folder('domain'), folder('infra'), anyPackage, builtIn],
  infra: [folder('infra'), folder('domain'), anyPackage, builtIn],
  api: [folder('api'), folder('domain'), folder('infra'), anyPackage, builtIn],
  // The command line reaches everything through the HTTP API; `infra/runtime` is what it brings up on this machine, and a
  // kubeconfig is made self-contained before it is sent.
  cli: [folder('cli'), folder('domain'), folder('infra/runtime'), '^infra/kubernetes/kubeconfig', anyPackage, builtIn],
  worker: [
    folder('worker'),
    folder('workflows'),
    folder('activities'),
    folder('domain'),
    folder('infra'),
    anyPackage,
    builtIn,
  ],
};

const imports = Object.entries(mayImport).map(([name, allowed]) => ({
  name: `${name}-imports`,
  severity: 'error',
  from: { path: folder(name) },
  to: { pathNot: allowed, dependencyTypesNot: name === 'domain' ? [] : ['type-only'] },
}));

module.exports = {
  forbidden: [
    ...imports,
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'nobody-imports-a-face',
      comment: 'api, worker and cli are entry points',
      severity: 'error',
      from: { path: '^(domain|workflows|activities|infra|api|worker|cli)/' },
      to: { path: '^(api|worker|cli)/', pathNot: '^$1/' },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
    },
  },
};
