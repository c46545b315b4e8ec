import { provisionProgram } from '../../infra/runtime/provision.ts';

/** Provisions the program given as JSON, in a process that a test can kill. */
await provisionProgram(JSON.parse(process.argv[2] ?? ''), { environment: process.env, onProgress: () => {} });
