/** Confines a command with bubblewrap: what it may write, what it cannot see, whether it reaches the network. */
import { mkdtemp, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import { childEnvironment } from './environment.ts';
import { spawnProcess } from './spawn.ts';

export interface Confinement {
  /** The tree; the command's working directory. */
  readonly cwd: string;
  /** Whether the tree may be written. */
  readonly access: 'read-write' | 'read-only' | 'none';
  /** Further folders that may be written (scratch, a CLI's own state). */
  readonly writable?: readonly string[];
  /** Files and folders that look empty; what `cwd` and `writable` lie in may be among them. */
  readonly hidden?: readonly string[];
  /** False cuts off everything, also this machine's own ports. */
  readonly network: boolean;
}

export type Sandbox =
  | {
      readonly available: true;
      /** The command's argv within the sandbox, for `spawnProcess`; the environment goes in as it is. */
      wrap(command: readonly string[], confinement: Confinement): Promise<string[]>;
    }
  /** Why not, one sentence; commands then run unconfined, which must be said. */
  | { readonly available: false; readonly reason: string };

/** Sees by real attempts whether writes, looks and connections are refused: an installed program alone proves nothing. */
export async function probeSandbox(program = 'bwrap'): Promise<Sandbox> {
  const dir = await mkdtemp(join(tmpdir(), 'gump-sandbox-'));
  const server = await listen();
  try {
    const reason = await attempt({ program, dir, port: portOf(server) });
    if (reason !== null) return { available: false, reason };
    return { available: true, wrap: (command, confinement) => wrap(program, command, confinement) };
  } finally {
    server.close();
    await rm(dir, { recursive: true, force: true });
  }
}

/** Tries to write files, to read a secret and to connect; prints what it saw. Whether a write went through is seen from outside. */
const intruder = `
const fs = require('node:fs'), net = require('node:net');
const [outside, secret, port] = process.argv.slice(1);
const worked = [];
try { fs.writeFileSync(outside, 'x'); } catch {}
try { if (fs.readFileSync(secret, 'utf8') !== '') worked.push('a look at a hidden file'); } catch {}
try { fs.writeFileSync('inside', 'x'); } catch {}
const socket = net.connect(Number(port), '127.0.0.1');
const end = () => { console.log('done: ' + worked.join(', ')); process.exit(0); };
socket.on('connect', () => { worked.push('a connection'); end(); }).on('error', end).setTimeout(2000, end);
`;

async function attempt(probe: {
  readonly program: string;
  readonly dir: string;
  readonly port: number;
}): Promise<string | null> {
  const cwd = await mkdtemp(join(probe.dir, 'tree-'));
  const secret = join(probe.dir, 'secret');
  const outside = join(probe.dir, 'outside');
  await writeFile(secret, 'secret');
  await writeFile(outside, '');
  const command = [process.execPath, '-e', intruder, outside, secret, String(probe.port)];
  const confinement: Confinement = { cwd, access: 'read-write', hidden: [secret], network: false };
  try {
    const argv = await wrap(probe.program, command, confinement);
    const env = childEnvironment();
    const result = await spawnProcess({ command: argv, cwd, env, deadlineMs: 10_000, outputBytesMax: 4_000 });
    const said = result.stdout.trim();
    if (!said.startsWith('done:')) return refusal(said || result.stderr.trim());
    if ((await readFile(outside, 'utf8')) !== '')
      return refusal('a write outside of its folder went through');
    if ((await existing(join(cwd, 'inside'))) === null)
      return refusal('a write within its folder did not go through');
    return said === 'done:' ? null : refusal(`${said.slice('done: '.length)} went through`);
  } catch (error) {
    return refusal(error instanceof Error ? error.message : String(error));
  }
}

function refusal(why: string): string {
  return `bubblewrap does not confine commands here: ${why.split('\n')[0] || 'it gave no answer'}`;
}

/**
 * The order is the meaning: everything read-only, then what is hidden, then what may be written (also where it lies in
 * something hidden), then what is hidden within that.
 * @source bwrap(1), bubblewrap 0.8: operations are done in the order given (read 2026-11).
 */
async function wrap(program: string, command: readonly string[], to: Confinement): Promise<string[]> {
  const cwd = await realpath(to.cwd);
  const writable = (await Promise.all((to.writable ?? []).map(existing))).filter((path) => path !== null);
  const hidden = (await Promise.all((to.hidden ?? []).map(existing))).filter((path) => path !== null);
  const open = [cwd, ...writable];
  const within = hidden.filter((path) => open.some((folder) => path.startsWith(folder + sep)));
  const before = hidden.filter((path) => !within.includes(path));
  return [
    ...[program, '--die-with-parent', '--unshare-user', '--disable-userns', '--cap-drop', 'ALL'],
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...(to.network ? [] : ['--unshare-net']),
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc', '--tmpfs', '/tmp'],
    ...(await hide(before)),
    ...writable.flatMap((path) => ['--bind', path, path]),
    ...[to.access === 'read-write' ? '--bind' : '--ro-bind', cwd, cwd],
    ...(await hide(within)),
    ...['--chdir', cwd, '--', ...command],
  ];
}

async function hide(paths: readonly string[]): Promise<string[]> {
  const hiding = paths.map(async (path) =>
    (await stat(path)).isDirectory() ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path],
  );
  return (await Promise.all(hiding)).flat();
}

async function existing(path: string): Promise<string | null> {
  return realpath(path).catch(() => null);
}

async function listen(): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}
