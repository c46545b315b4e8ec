export { checkOrphans } from './check-orphans.ts';
export { deploy } from './deploy.ts';
export { plan } from './plan.ts';
export { testConnection } from './test-connection.ts';
export { undeploy } from './undeploy.ts';
