import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Errand, Sandbox } from '../../src/process/enclosure.ts';
import { shown } from '../../src/process/mounts.ts';
import { type ProcessOptions, spawnProcess } from '../../src/process/spawn.ts';
import { probe, runEnclosed, sandboxIn, whySkipped } from './bubblewrap.ts';

let dir: string;
let tree: string;
let sandbox: Sandbox;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'gump-enclosed-'));
  tree = join(dir, 'tree');
  mkdirSync(tree);
  if (probe.usable) sandbox = sandboxIn(dir);
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

function run(line: string, more: Partial<ProcessOptions> & { errand?: Partial<Errand> } = {}) {
  const errand = { cwd: tree, access: 'read-write' as const, ...more.errand };
  return runEnclosed(sandbox, line, { ...more, errand });
}

/** Ids of living processes of this machine whose command line holds the text. */
function running(text: string): readonly string[] {
  return readdirSync('/proc').filter((pid) => {
    if (!/^\d+$/.test(pid)) return false;
    try {
      const isAlive = !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
      return isAlive && readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(text);
    } catch {
      return false;
    }
  });
}

/** A number of seconds that no other process sleeps. */
function unusualSeconds(): string {
  return `60.${Math.floor(Math.random() * 1e9)}`;
}

describe.skipIf(!probe.usable)(`files in a sandbox${whySkipped}`, () => {
  it('can be written in the tree, and nowhere else', async () => {
    writeFileSync(join(dir, 'beside.txt'), 'mine');
    const result = await run(`
      echo made > made.txt && cat made.txt
      for file in /usr/made /etc/made /made ../beside.txt/made; do : > $file && echo "wrote $file"; done
      echo theirs > ../beside.txt`);
    expect(result.stdout).toBe('made\n');
    expect(readFileSync(join(tree, 'made.txt'), 'utf8')).toBe('made\n');
    expect(readFileSync(join(dir, 'beside.txt'), 'utf8')).toBe('mine');
    expect(result.stderr).toContain('Read-only file system');
  });

  it('cannot be written in a read-only tree, nor moved, nor removed', async () => {
    writeFileSync(join(tree, 'a.txt'), 'a');
    const attempts = ': > a.txt; : > b.txt; rm a.txt; mv a.txt c.txt; chmod 777 a.txt; mkdir d; cat a.txt';
    const result = await run(attempts, { errand: { access: 'read-only' } });
    expect(result.stdout).toBe('a');
    expect(result.stderr.match(/Read-only file system/g)).toHaveLength(6);
    expect(readdirSync(tree)).toEqual(['a.txt']);
  });

  it('of the scratch folder can be written beside a read-only tree, and beside none', async () => {
    const scratch = join(dir, 'scratch');
    mkdirSync(join(scratch, 'empty'), { recursive: true });
    const line = 'echo "{}" > ../result.json; ls -A';
    const none = await run(`cd ${scratch}/empty && ${line}; ls ${tree}`, {
      cwd: join(scratch, 'empty'),
      errand: { cwd: join(scratch, 'empty'), access: 'none', write: [scratch] },
    });
    expect(none.stdout).toBe('');
    expect(none.stderr).toContain('No such file');
    expect(readFileSync(join(scratch, 'result.json'), 'utf8')).toBe('{}\n');
  });

  it('of a program are its package and the packages beside it, where its dependencies are, and nothing else', async () => {
    const put = (path: string, text: string) => {
      mkdirSync(join(dir, path, '..'), { recursive: true });
      writeFileSync(join(dir, path), text, { mode: 0o755 });
    };
    put('own/node_modules/@maker/tool/package.json', '{}');
    put(
      'own/node_modules/@maker/tool/run',
      '#!/bin/sh\ncat "$(dirname "$(readlink -f "$0")")/../../part/data"',
    );
    put('own/node_modules/part/data', 'a dependency\n');
    put('own/secret', 'secret');
    mkdirSync(join(dir, 'bin'));
    symlinkSync(join(dir, 'own/node_modules/@maker/tool/run'), join(dir, 'bin/tool'));
    const result = await run(`${dir}/bin/tool; cat ${dir}/own/secret; ls -A ${dir}/own`, {
      errand: { programs: [join(dir, 'bin/tool')] },
    });
    expect(result.stdout).toBe('a dependency\nnode_modules\n');
  });

  it('of the home are not there; HOME is a folder of the run that keeps what is put in it', async () => {
    const secret = join(homedir(), `.gump-secret-${process.pid}`);
    writeFileSync(secret, 'hunter2');
    try {
      const result = await run(
        `cat ${secret}; ls -A ${homedir()}/.ssh ${homedir()}/.gitconfig; echo kept > ~/kept`,
      );
      expect(result.stdout).toBe('');
      expect(result.stderr.match(/No such file/g)).toHaveLength(3);
    } finally {
      rmSync(secret);
    }
    expect((await run('cat ~/kept; echo $HOME')).stdout).toBe(`kept\n${join(dir, 'home')}\n`);
    const own = await run('cat ~/kept; echo $HOME', { errand: { home: join(dir, 'judge') } });
    expect(own.stdout).toBe(`${join(dir, 'judge')}\n`);
  });

  it('of the home are found in every HOME where they were named, and are written only where that was said', async () => {
    const home = join(dir, 'user');
    mkdirSync(join(home, '.cache/agent'), { recursive: true });
    mkdirSync(join(home, '.login'));
    for (const name of ['.npmrc', '.secret', '.login/key']) writeFileSync(join(home, name), name);
    vi.stubEnv('HOME', home);
    try {
      const [read, write] = [[join(home, '.npmrc'), join(home, 'nothing')], [join(home, '.cache/agent')]];
      const named = sandboxIn(dir, [], { read, write });
      const line = 'cat ~/.npmrc; cat ~/.secret ~/.login/key; echo x > ~/.npmrc; echo y > ~/.cache/agent/y';
      const errand = { cwd: tree, access: 'read-write' as const };
      const result = await runEnclosed(named, line, { errand });
      expect(result.stdout).toBe('.npmrc');
      expect(result.stderr.match(/No such file|Read-only/g)).toHaveLength(3);
      expect(readFileSync(join(home, '.cache/agent/y'), 'utf8')).toBe('y\n');
      // A command may put links into the HOME that it shares with others: nothing of ours follows them.
      await runEnclosed(named, `rm -r ~/.npmrc ~/.cache && ln -s ${home} ~/.cache`, { errand });
      expect((await runEnclosed(named, 'ls ~/.cache/', { errand })).stdout).toBe('');
      const own = { ...errand, home: join(dir, 'own'), login: ['.login', '.no-login'] };
      const agent = await runEnclosed(named, 'cat ~/.login/key ~/.npmrc; echo z > ~/.login/z', {
        errand: own,
      });
      expect(agent.stdout).toBe('.login/key.npmrc');
      expect(readdirSync(join(home, '.login'))).toEqual(['key', 'z']);
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('of /tmp are the command’s own and gone with it', async () => {
    const made = ['/tmp/gump-mine', '/var/tmp/gump-too'];
    const script = `for file in ${made.join(' ')}; do [ -e $file ] && echo here || : > $file; done; ls -d ${made.join(' ')} | wc -l`;
    for (let time = 0; time < 2; time++) expect((await run(script)).stdout).toBe('2\n');
    expect(made.filter((path) => existsSync(path))).toEqual([]);
  });

  it('that only their owner may read are not there, and nothing of /run is', async () => {
    const result = await run('cat /etc/shadow | wc -c; ls -A /run 2>/dev/null; cat /etc/passwd | head -c 4');
    expect(result.stdout).toBe('0\nroot');
  });

  it('of a folder with blanks, line feeds, quotes and letters of any script are found', async () => {
    const odd = join(dir, ' a b\nç "漢字" $(x) ');
    mkdirSync(odd);
    const result = await run('echo here > file; pwd', { cwd: odd, errand: { cwd: odd } });
    expect(result.stdout).toBe(`${odd}\n`);
    expect(readFileSync(join(odd, 'file'), 'utf8')).toBe('here\n');
  });

  it('below a link are found by both names, as outside', async () => {
    symlinkSync(tree, join(dir, 'link'));
    mkdirSync(join(tree, 'below'));
    writeFileSync(join(tree, 'below', 'a'), 'a');
    const cwd = join(dir, 'link', 'below');
    const result = await run(`cat a; cat ${cwd}/a; cat ${tree}/below/a; pwd -P`, { cwd, errand: { cwd } });
    expect(result.stdout).toBe(`aaa${join(tree, 'below')}\n`);
  });

  it('behind a link that leads out of the tree are not there, and are not written', async () => {
    mkdirSync(join(dir, 'elsewhere'));
    writeFileSync(join(dir, 'elsewhere', 'a'), 'a');
    symlinkSync(join(dir, 'elsewhere'), join(tree, 'node_modules'));
    const result = await run('cat node_modules/a; : > node_modules/a; mkdir -p node_modules/b; ls');
    expect(result.stdout).toBe('node_modules\n');
    expect(readFileSync(join(dir, 'elsewhere', 'a'), 'utf8')).toBe('a');
    expect(readdirSync(join(dir, 'elsewhere'))).toEqual(['a']);
  });

  it('are hidden within something that is shown, but for the tree in it', async () => {
    writeFileSync(join(dir, '.env'), 'hunter2');
    const outer = sandboxIn(dir, [...shown('read', tmpdir()), { kind: 'hide', path: dir, isFile: false }]);
    const errand = { cwd: tree, access: 'read-write' as const };
    const result = await runEnclosed(outer, 'ls -A ..; echo x > ../x; echo y > y', { errand });
    expect(result.stdout).toBe('home\ntree\n');
    expect(result.stderr).toContain('Read-only file system');
    expect(existsSync(join(tree, 'y'))).toBe(true);
  });
});

describe.skipIf(!probe.usable)(`the rest of the machine from a sandbox${whySkipped}`, () => {
  it('shows no process, so that no environment but its own can be read', async () => {
    process.env.GUMP_TEST_SECRET = 'hunter2-in-the-engine';
    try {
      const line = 'cat /proc/[0-9]*/environ | tr "\\0" "\\n" | grep -c hunter2; ls -d /proc/[0-9]* | wc -l';
      const result = await run(line);
      expect(result.stdout.split('\n')[0]).toBe('0');
      expect(Number(result.stdout.split('\n')[1])).toBeLessThan(6);
    } finally {
      delete process.env.GUMP_TEST_SECRET;
    }
  });

  it('gives no rights that could undo it', async () => {
    const result = await run(
      'grep -E "Cap(Eff|Bnd)|NoNewPrivs" /proc/self/status; unshare -U true; mount -t tmpfs x /tmp',
    );
    expect(result.stdout.replace(/\s+/g, ' ')).toBe(
      `CapEff: ${'0'.repeat(16)} CapBnd: ${'0'.repeat(16)} NoNewPrivs: 1 `,
    );
    expect(result.stderr).toMatch(/unshare: .*\n.*mount: /s);
  });

  it.each([
    ['host', 'reached\n', 1],
    ['none', '', 0],
  ] as const)('can be spoken to where the network is %s', async (network, told, connections) => {
    let seen = 0;
    const server = createServer((socket) => {
      seen += 1;
      socket.destroy();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as { port: number };
    const result = await run(`(: > /dev/tcp/127.0.0.1/${port}) && echo reached`, { errand: { network } });
    server.close();
    expect({ stdout: result.stdout, seen }).toEqual({ stdout: told, seen: connections });
  });
});

describe.skipIf(!probe.usable)(`a process in a sandbox${whySkipped}`, () => {
  it.each([
    ['exit 0', 0, null],
    ['exit 7', 7, null],
    ['exit 200', 200, null],
    ['kill -KILL $$', null, 'SIGKILL'],
    ['kill -SEGV $$', null, 'SIGSEGV'],
    ['kill -TERM $$', 143, null],
    ['kill -TERM 0; sleep 9', 143, null],
  ])('that does `%s` ends with code %s and signal %s', async (line, exitCode, signal) => {
    expect(await run(line)).toMatchObject({ exitCode, signal, stderr: '', timedOut: false, aborted: false });
  });

  it('is told to end, has time for it, and is killed with all it started where it does not', async () => {
    const seconds = unusualSeconds();
    const cleaning = await run('trap "echo cleaned; exit 9" TERM; sleep 60 & wait', { deadlineMs: 300 });
    expect(cleaning).toMatchObject({ timedOut: true, exitCode: 9, stdout: 'cleaned\n' });
    const deaf = await run(`trap "" TERM; setsid sleep ${seconds} & while true; do sleep 0.1; done`, {
      deadlineMs: 300,
    });
    expect(deaf).toMatchObject({ timedOut: true, exitCode: null, signal: 'SIGKILL' });
    expect(running(seconds)).toEqual([]);
  });

  it('is ended by an abort', async () => {
    const abort = new AbortController();
    const ended = run('echo begun; sleep 60', { signal: abort.signal, onLine: () => abort.abort() });
    expect(await ended).toMatchObject({ aborted: true, stdout: 'begun\n' });
  });

  it('takes with it a daemon that has left session and environment behind and holds the output', async () => {
    const seconds = unusualSeconds();
    const result = await run(
      `(env -i setsid sh -c 'echo up; : > up; exec sleep ${seconds}' &) ; while [ ! -e up ]; do sleep 0.01; done; echo done`,
    );
    expect(result).toMatchObject({ exitCode: 0, stdout: 'up\ndone\n' });
    expect(result.durationMs).toBeLessThan(3_000);
    expect(running(seconds)).toEqual([]);
  });

  it('lets the tail of a pipe empty itself', async () => {
    await run('echo one > >(sleep 0.03; cat > late.txt)');
    expect(readFileSync(join(tree, 'late.txt'), 'utf8')).toBe('one\n');
  });

  it('dies with an engine that is killed', async () => {
    const seconds = unusualSeconds();
    const program = join(import.meta.dirname, 'enclosed-sleeper.ts');
    const abort = new AbortController();
    const engine = spawnProcess({
      command: [process.execPath, program, dir, seconds],
      cwd: dir,
      env: { PATH: process.env.PATH ?? '', HOME: homedir() },
      outputBytesMax: 1_000,
      signal: abort.signal,
      onLine: async (line) => {
        expect(running(seconds).length).toBeGreaterThan(0);
        process.kill(Number(line), 'SIGKILL');
        for (let turn = 0; running(seconds).length > 0 && turn < 100; turn += 1) await sleep(10);
        expect(running(seconds)).toEqual([]);
      },
    });
    expect(await engine).toMatchObject({ signal: 'SIGKILL' });
  });

  it('gets and gives 100 MB as they are', async () => {
    const bytes = Buffer.alloc(100_000_000);
    for (let at = 0; at < bytes.length; at += 4) bytes.writeUInt32LE((at * 2_654_435_761) >>> 0, at);
    const given = await run('sha256sum', { stdin: bytes });
    expect(given.stdout).toContain(createHash('sha256').update(bytes).digest('hex'));
    let characters = 0;
    const told = await run(`yes ${'x'.repeat(99)} | head -c 100000000`, {
      onLine: (line) => {
        characters += line.length + 1;
      },
    });
    expect(characters).toBe(100_000_000);
    expect(told.exitCode).toBe(0);
  });

  it('that is not there, or works in a folder that is not there, is told as without a sandbox', async () => {
    await expect(run('', { command: ['no-such-program'] })).rejects.toMatchObject({
      code: 'process',
      hint: expect.stringContaining('PATH'),
    });
    const nowhere = join(dir, 'nowhere');
    await expect(run('true', { cwd: nowhere, errand: { cwd: nowhere } })).rejects.toThrow('does not exist');
  });

  it('whose sandbox cannot be made did not begin, and why is told', async () => {
    const enclosure = sandbox.enclose({ cwd: tree, access: 'read-write' });
    const tooLate = {
      ...enclosure,
      wrap: (command: readonly string[]) => {
        const wrapped = enclosure.wrap(command);
        rmSync(tree, { recursive: true });
        return wrapped;
      },
    };
    await expect(run('true', { cwd: dir, sandbox: tooLate })).rejects.toThrow(
      /bash was not started .*its sandbox could not be made: bwrap: .*No such file/s,
    );
  });

  it('that cannot see its program says so', async () => {
    const program = join(dir, 'program');
    writeFileSync(program, '#!/bin/sh\necho ran\n', { mode: 0o755 });
    const result = await run('', { command: [program] });
    expect(result).toMatchObject({
      exitCode: 127,
      stdout: '',
      stderr: `${program}: not to be seen in the sandbox\n`,
    });
  });

  it('leaves nothing behind, 200 times', async () => {
    const count = () => ({
      descriptors: readdirSync('/proc/self/fd').length,
      mounts: readFileSync('/proc/self/mountinfo', 'utf8').split('\n').length,
      children: readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim(),
      ofOurs: running(dir).length,
    });
    await run('true');
    const before = count();
    const starts = Array.from({ length: 200 }, (_, index) => index);
    const codes: (number | null)[] = [];
    const worker = async () => {
      for (let index = starts.shift(); index !== undefined; index = starts.shift())
        codes.push((await run('exit 3')).exitCode);
    };
    await Promise.all([worker(), worker(), worker(), worker()]);
    expect(codes).toEqual(Array.from({ length: 200 }, () => 3));
    expect(count()).toEqual(before);
  });
});
