export { checkOrphans } from './check-orphans.ts';
export { deploy } from './deploy.ts';
export { generateModels } from './generate-models.ts';
export { plan } from './plan.ts';
export { pushModel } from './push-model.ts';
export { startScheduled } from './start-scheduled.ts';
export { testConnection } from './test-connection.ts';
export { undeploy } from './undeploy.ts';
