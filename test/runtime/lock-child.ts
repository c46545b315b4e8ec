import { tryLock } from '../../infra/runtime/process-lock.ts';

/** Takes the lock, tells so, and holds it until the test ends this process. */
const lock = await tryLock(process.argv[2] ?? '', 'serves on http://127.0.0.1:20001');
process.stdout.write(lock === undefined ? 'busy\n' : 'locked\n');
setInterval(() => {}, 1000);
