import { loadMasterKey } from '../../../../infra/secrets/master-key.ts';

/** Prints the master key of the file, which is made when it is missing. */
const [file = ''] = process.argv.slice(2);
const keys = await loadMasterKey({ file });
process.stdout.write(JSON.stringify(keys.map((key) => key.toString('hex'))));
