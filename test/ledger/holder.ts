/** Opens the ledger of the folder in argv, appends one event, says so and waits to be killed. */
import { openFileLedger } from '../../src/ledger/file.ts';
import { notices } from '../events/record.ts';

const ledger = await openFileLedger(process.argv[2] ?? '');
await ledger.append(notices(1));
process.stdout.write('ready\n');
setInterval(() => undefined, 1_000);
