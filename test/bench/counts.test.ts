import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gitProcesses } from '../../src/git/git.ts';
import { openWorkspace } from '../../src/git/workspace.ts';
import { createRepository, fileOf, runSplit } from './split-run.ts';

let top: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'gump-counts-'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

/** A tree's index is settled once, a second after it was made, beside whatever attempt is under way then. */
const settling = 1;
const sumAbove = (counts: readonly number[], allowed: number) =>
  counts.reduce((sum, count) => sum + Math.max(0, count - allowed), 0);

test('a snapshot costs four git processes with a change and two without', async () => {
  const { gitDir, base } = createRepository(join(top, 'repo'), 5);
  const workspace = await openWorkspace({ objects: gitDir, dir: join(top, 'work'), resultRef: null, base });
  const tree = await workspace.tree('', base);
  const counted = async (parent: string) => {
    const before = gitProcesses();
    const { commit } = await workspace.snapshot('', { parent, message: 'one' });
    return { commit, processes: gitProcesses() - before };
  };
  const before = await counted(base);
  writeFileSync(join(tree.dir, fileOf(1)), 'changed\n');
  const made = await counted(base);
  const behind = await counted(made.commit);
  expect([before.commit, behind.commit]).toEqual([base, made.commit]);
  expect(made.commit).not.toBe(base);
  const beyond = [before.processes - 2, made.processes - 4, behind.processes - 2];
  // The tree's index is settled within one of them where the machine is slow.
  expect(Math.min(...beyond)).toBe(0);
  expect(beyond.reduce((sum, count) => sum + count, 0)).toBeLessThanOrEqual(settling);
  await workspace.dispose();
});

// Besides its snapshot: one to see that the tree is as it has to be, and one to move the result's branch.
test('an attempt with a change costs six git processes at most, however many came before', async () => {
  const { status, gitPerAttempt } = await runSplit({ tasks: 12 });
  expect(status).toBe('pass');
  expect(gitPerAttempt).toHaveLength(11);
  expect(sumAbove(gitPerAttempt, 6)).toBeLessThanOrEqual(settling);
});

// A tree made and its index settled, four for the snapshot; the merge, its commit, and the branch that moves.
test('a parallel task costs nine git processes at most, however many there are, and the split itself six', async () => {
  for (const tasks of [3, 12]) {
    const { status, gitCommands } = await runSplit({ tasks, parallel: true });
    expect(status).toBe('pass');
    expect(gitCommands).toBeLessThanOrEqual(9 * tasks + 6);
  }
});

test('a parallel task without a change is not merged: it costs five at most', async () => {
  const { status, gitCommands } = await runSplit({ tasks: 6, parallel: true, writes: false });
  expect(status).toBe('pass');
  expect(gitCommands).toBeLessThanOrEqual(5 * 6 + 6);
});

test('an attempt without a change costs three git processes at most', async () => {
  const { status, gitPerAttempt } = await runSplit({ tasks: 6, writes: false });
  expect(status).toBe('pass');
  expect(gitPerAttempt).toHaveLength(5);
  expect(sumAbove(gitPerAttempt, 3)).toBeLessThanOrEqual(settling);
});
