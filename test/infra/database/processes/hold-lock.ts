import { createClient } from '@libsql/client';

/** Takes the write lock, says so, and gives it back when its input ends. */
const [url = ''] = process.argv.slice(2);
const client = createClient({ url });
const transaction = await client.transaction('write');
process.stdout.write('held\n');
process.stdin.resume().on('end', () => {
  void transaction.rollback().then(() => client.close());
});
