import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { encodeEvent } from '../../src/events/codec.ts';
import { type Disk, realDisk } from '../../src/ledger/disk.ts';
import { type FileLedger, openFileLedger, readManifest } from '../../src/ledger/file.ts';
import { ledgerContract } from '../contracts/ledger.ts';
import { notices } from '../events/record.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gump-ledger-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

ledgerContract('the ledger in a file', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'gump-ledger-'));
  let ledger: FileLedger | null = null;
  return {
    open: async () => {
      await ledger?.close();
      ledger = await openFileLedger(folder);
      return ledger;
    },
    artifact: (name) => readFile(join(folder, 'artifacts', name), 'utf8').catch(() => null),
    dispose: async () => {
      await ledger?.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
});

const manifest = () => join(root, 'manifest.ndjson');

describe('a torn end', () => {
  test.each([
    ['without line ending', '{"v":1,"seq":3,"ts":"2026'],
    ['with line ending', '{"v":1,"seq":3\n'],
    ['within a character', Buffer.from('{"v":1,"m":"✓').subarray(0, -1)],
  ])('%s is told, cut off, and appending goes on behind the last whole line', async (_, torn) => {
    const whole = notices(2).map((event) => `${encodeEvent(event)}\n`);
    await writeFile(manifest(), whole.join(''));
    await appendFile(manifest(), torn);
    const ledger = await openFileLedger(root);
    expect(ledger.dropped).toContain('{"v":1,');
    await ledger.append(notices(1, 3));
    await ledger.close();
    const text = notices(3).map((event) => `${encodeEvent(event)}\n`);
    expect(await readFile(manifest(), 'utf8')).toBe(text.join(''));
  });

  test('damage in the middle is refused with file and line, and the file stays as it is', async () => {
    const [first = ''] = notices(1).map(encodeEvent);
    await writeFile(manifest(), `${first}\n{"v":1,\n${first}\n`);
    await expect(openFileLedger(root)).rejects.toThrow(`${manifest()}:2: it is no JSON`);
    expect(await readFile(manifest(), 'utf8')).toBe(`${first}\n{"v":1,\n${first}\n`);
    expect(await readdir(root)).toEqual(['manifest.ndjson']);
  });
});

describe('one engine per run', () => {
  test('a second one is refused and told who holds it, until the first has closed', async () => {
    const first = await openFileLedger(root);
    await expect(openFileLedger(root)).rejects.toMatchObject({
      code: 'ledger',
      message: expect.stringContaining('this process is already working on it'),
    });
    await first.close();
    const second = await openFileLedger(root);
    await second.append(notices(1));
    await second.close();
    expect(await readdir(root)).toEqual(['manifest.ndjson']);
  });

  test('another process is named by its id, and taken over from once it was killed', async () => {
    const program = join(import.meta.dirname, 'holder.ts');
    const child = spawn(process.execPath, [program, root], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(child.stdout, 'data');
    await expect(openFileLedger(root)).rejects.toThrow(`process ${child.pid} is already working on it`);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const ledger = await openFileLedger(root);
    expect(await ledger.read()).toEqual(notices(1));
    await ledger.close();
    expect(await readdir(root)).toEqual(['manifest.ndjson']);
  });

  test('a process that only has the number of the dead one holds nothing', async () => {
    await writeFile(join(root, `lock.${process.ppid}.1.abc`), '');
    const ledger = await openFileLedger(root);
    await ledger.close();
    expect(await readdir(root)).toEqual(['manifest.ndjson']);
  });

  test('of many that open at once at most one gets it, and a later one always does', async () => {
    const opened = await Promise.allSettled(Array.from({ length: 8 }, () => openFileLedger(root)));
    const won = opened.filter((one) => one.status === 'fulfilled');
    expect(won.length).toBeLessThanOrEqual(1);
    for (const one of won) await one.value.close();
    await (await openFileLedger(root)).close();
    expect(await readdir(root)).toEqual(['manifest.ndjson']);
  });

  test('a closed ledger takes nothing more and says so', async () => {
    const ledger = await openFileLedger(root);
    await ledger.close();
    await ledger.close();
    await expect(ledger.append(notices(1))).rejects.toThrow('it is closed');
  });
});

test('the ledger never writes through a link that somebody left in its place', async () => {
  const victim = join(root, 'victim');
  await writeFile(victim, 'precious');
  await symlink(victim, manifest());
  await expect(openFileLedger(root)).rejects.toMatchObject({ code: 'ledger' });
  expect(await readFile(victim, 'utf8')).toBe('precious');
});

describe('a lock from elsewhere', () => {
  const foreign = (more: Record<string, unknown>) =>
    writeFile(join(root, 'lock.1.1.abc'), JSON.stringify({ pid: 1, start: 1, ...more }));

  test('that of another machine is believed, named with its host, and the file to delete is told', async () => {
    await foreign({ host: 'elsewhere', boot: 'other', namespace: 'pid:[1]' });
    await expect(openFileLedger(root)).rejects.toMatchObject({
      message: expect.stringMatching(/process 1 on elsewhere is already working on it \(.*lock\.1\.1\.abc\)/),
      hint: expect.stringContaining('delete that lock file'),
    });
    expect(await readdir(root)).toEqual(['lock.1.1.abc']);
  });

  test('that of this machine before it was started again is taken over', async () => {
    await foreign({ host: hostname(), boot: 'before', namespace: 'pid:[1]' });
    await (await openFileLedger(root)).close();
    expect(await readdir(root)).toEqual(['manifest.ndjson']);
  });
});

test('a batch is one write of all its lines, and append settles only behind the sync that follows', async () => {
  const done: string[] = [];
  const disk: Disk = {
    ...realDisk,
    append: async (path) => {
      const file = await realDisk.append(path);
      return {
        ...file,
        write: async (bytes) => {
          const written = await file.write(bytes);
          done.push(`write ${Buffer.from(bytes).toString().split('\n').length - 1} lines`);
          return written;
        },
        sync: async () => {
          await sleep(20);
          await file.sync();
          done.push('sync');
        },
      };
    },
  };
  const ledger = await openFileLedger(root, disk);
  expect(done.splice(0)).toEqual(['sync']);
  await ledger.append(notices(3)).then(() => done.push('settled'));
  expect(done).toEqual(['write 3 lines', 'sync', 'settled']);
  await ledger.close();
});

describe('what is no ledger', () => {
  test('a file longer than any ledger is refused without reading all of it', async () => {
    await writeFile(manifest(), '');
    await truncate(manifest(), 8 * 1024 ** 3);
    await expect(openFileLedger(root)).rejects.toMatchObject({ code: 'limit' });
  });

  test('a device or pipe in its place is refused, and nobody waits for its end', async () => {
    await symlink('/dev/null', manifest());
    await expect(readManifest(root)).rejects.toThrow(/no plain file/);
    await rm(manifest());
    execFileSync('mkfifo', [manifest()]);
    await expect(readManifest(root)).rejects.toThrow(/no plain file/);
    await expect(openFileLedger(root)).rejects.toMatchObject({ code: 'ledger' });
  });
});
