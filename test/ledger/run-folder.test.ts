import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Fact } from '../../src/events/event.ts';
import { openFileLedger } from '../../src/ledger/file.ts';
import { createRunFolder, listRuns, readRunFolder, runFolder } from '../../src/ledger/run-folder.ts';
import { record } from '../events/record.ts';
import { runCompleted, runStarted } from '../report/facts.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'gump-runs-'));
});
afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

const create = (run: string, hour = 1) =>
  createRunFolder({
    root,
    run,
    workflow: 'implement-spec',
    ts: `2026-11-23T0${hour}:00:00.000Z`,
    spec: '# Greet ✓\n',
    snapshot: 'name: implement-spec\n',
  });

async function append(folder: string, facts: readonly Fact[]): Promise<void> {
  const ledger = await openFileLedger(folder);
  await ledger.append(record(facts));
  await ledger.close();
}

test('a new run has its spec and workflow, and its line in the index', async () => {
  const folder = await create('r1');
  expect(folder).toBe(runFolder(root, 'r1'));
  expect((await readdir(folder)).sort()).toEqual(['spec.md', 'workflow-snapshot.yaml']);
  expect(await readRunFolder(root, 'r1')).toEqual({
    folder,
    events: [],
    dropped: null,
    spec: '# Greet ✓\n',
    snapshot: 'name: implement-spec\n',
  });
  const index = await readFile(join(root, '.gump/runs/index.ndjson'), 'utf8');
  expect(index).toBe('{"run":"r1","workflow":"implement-spec","ts":"2026-11-23T01:00:00.000Z"}\n');
});

test('a run that exists is not made again', async () => {
  await create('r1');
  await expect(create('r1')).rejects.toMatchObject({
    code: 'ledger',
    hint: expect.stringContaining('--resume --run r1'),
  });
});

test.each(['', '..', '.hidden', 'a/b', 'a b', '-x', 'x'.repeat(65)])(
  'the run id %j is refused',
  async (run) => {
    await expect(create(run)).rejects.toMatchObject({ code: 'ledger' });
    await expect(readRunFolder(root, run)).rejects.toMatchObject({ code: 'ledger' });
  },
);

test('a link in the place of .gump/runs is not followed out of the repository', async () => {
  const outside = await mkdtemp(join(tmpdir(), 'gump-outside-'));
  await mkdir(join(root, '.gump'));
  await symlink(outside, join(root, '.gump', 'runs'));
  await expect(create('r1')).rejects.toThrow('leads out of the repository');
  expect(await readdir(outside)).toEqual([]);
  await rm(outside, { recursive: true });
});

test('a link in the place of the index is not written through', async () => {
  await create('r1');
  const victim = join(root, 'victim');
  await writeFile(victim, '');
  await rm(join(root, '.gump/runs/index.ndjson'));
  await symlink(victim, join(root, '.gump/runs/index.ndjson'));
  await expect(create('r2')).rejects.toMatchObject({ code: 'ledger' });
  expect(await readFile(victim, 'utf8')).toBe('');
});

test('runs are listed newest first, each with the status that its own ledger gives', async () => {
  const paused: Fact = { type: 'run_paused', run: 'r', reason: 'asks', step: 'a' };
  const interrupted: Fact = { type: 'run_interrupted', run: 'r', signal: 'SIGTERM' };
  const resumed: Fact = { type: 'run_resumed', run: 'r', reason: 'again' };
  const endings: readonly (readonly [string, readonly Fact[], string])[] = [
    ['r1', [runCompleted()], 'pass'],
    ['r2', [runCompleted({ status: 'fail' })], 'fail'],
    ['r3', [paused], 'paused'],
    ['r4', [interrupted], 'cancelled'],
    ['r5', [runCompleted({ status: 'cancelled' })], 'cancelled'],
    ['r6', [interrupted, resumed], 'unfinished'],
    ['r7', [paused, resumed, runCompleted()], 'pass'],
    ['r8', [], 'unfinished'],
  ];
  for (const [run, facts] of endings) {
    const folder = await create(run, Number(run.slice(1)));
    if (run !== 'r8') await append(folder, [runStarted({ run }), ...facts]);
  }
  const listed = await listRuns(root);
  expect(Object.fromEntries(listed.map((one) => [one.run, one.status]))).toEqual(
    Object.fromEntries(endings.map(([run, , status]) => [run, status])),
  );
  // Hand-made ledgers all begin at noon, so ids decide between them; r8 is known from the index alone.
  expect(listed.map((one) => one.run)).toEqual(['r7', 'r6', 'r5', 'r4', 'r3', 'r2', 'r1', 'r8']);
});

test('a folder without ledger, a damaged ledger and a torn index do not hide the others', async () => {
  expect(await listRuns(root)).toEqual([]);
  await append(await create('good', 1), [runStarted({ run: 'good' }), runCompleted()]);
  await mkdir(runFolder(root, 'stray'));
  await mkdir(runFolder(root, 'broken'));
  await writeFile(join(runFolder(root, 'broken'), 'manifest.ndjson'), 'x\ny\n');
  await appendFile(join(root, '.gump/runs/index.ndjson'), '{"run":"go');
  await create('late', 2);
  const listed = await listRuns(root);
  expect(listed.map(({ run, status }) => [run, status])).toEqual([
    ['good', 'pass'],
    ['late', 'unfinished'],
    ['stray', 'unfinished'],
    ['broken', 'unfinished'],
  ]);
  expect(listed.find((one) => one.run === 'broken')?.problem).toContain('manifest.ndjson:1');
  expect(listed.find((one) => one.run === 'late')?.workflow).toBe('implement-spec');
});

test('a run that is not there is told by its id', async () => {
  await expect(readRunFolder(root, 'nope')).rejects.toThrow(/There is no run nope/);
});
