/** What a user's sandbox allows, as JSON: to be run as another user. Argument: a folder that this user may write. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { probe, runEnclosed, sandboxIn } from './bubblewrap.ts';

const [dir = ''] = process.argv.slice(2);
const tree = join(dir, 'tree');
mkdirSync(tree);
mkdirSync(join(dir, 'secret'));
writeFileSync(join(tree, 'a.txt'), 'a');
const sandbox = probe.usable ? sandboxIn(dir) : null;
const look = async (line: string, access: 'read-write' | 'read-only') =>
  sandbox &&
  (await runEnclosed(sandbox, `(${line}) 2>/dev/null; true`, { errand: { cwd: tree, access } })).stdout;

console.log(
  JSON.stringify({
    probe: probe.usable ? 'usable' : probe.reason,
    user: await look('id -u', 'read-write'),
    written: await look('echo b > b.txt && cat b.txt', 'read-write'),
    denied: await look(
      'echo c > c.txt && echo written; echo d > /usr/d && echo written; cat a.txt',
      'read-only',
    ),
    hidden: await look(
      `ls ../secret; ls -d ${process.env.HOME}/.ssh; ls -d /proc/[0-9]* | wc -l`,
      'read-write',
    ),
    rights: await look(
      'grep -c "CapEff:.0000000000000000" /proc/self/status; unshare -U true && echo more',
      'read-only',
    ),
  }),
);
