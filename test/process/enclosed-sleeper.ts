/** An engine for a test: tells its process id once a command sleeps in a sandbox. Arguments: folder, seconds. */
import { join } from 'node:path';
import { runEnclosed, sandboxIn } from './bubblewrap.ts';

const [dir = '', seconds = '60'] = process.argv.slice(2);
const errand = { cwd: join(dir, 'tree'), access: 'read-write' as const };
await runEnclosed(sandboxIn(dir), `setsid sleep ${seconds} & echo up; wait`, {
  errand,
  onLine: () => console.log(process.pid),
});
