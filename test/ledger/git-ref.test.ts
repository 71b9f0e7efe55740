import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Event } from '../../src/events/event.ts';
import { openPublisher, type Publisher } from '../../src/git/publish.ts';
import { openWorkspace } from '../../src/git/workspace.ts';
import { type FileLedger, openFileLedger } from '../../src/ledger/file.ts';
import { createGitRefLedger, type GitRefLedgerOptions, restoreFromRef } from '../../src/ledger/git-ref.ts';
import type { Workspace } from '../../src/ports/workspace.ts';
import { type RemoteFixture, serveGit } from '../git/remote.fixture.ts';
import { createFixture, type Fixture } from '../git/repository.fixture.ts';

const token = 'ghs_0123456789abcdefghij';
const ref = 'refs/gump/runs/01RUN';
const branch = 'refs/heads/gump/issue-7';
let user: Fixture;
let bare: string;
let base: string;
let remote: RemoteFixture;
let publisher: Publisher;
let workspace: Workspace;
let folder: string;
let file: FileLedger;
let seq: number;

beforeEach(async () => {
  user = createFixture();
  user.write('readme.md', 'hello\n');
  base = user.commit('base');
  bare = join(user.top, 'served/remote.git');
  mkdirSync(join(user.top, 'served'));
  user.gitIn(user.top, 'clone', '-q', '--bare', user.repo, bare);
  user.gitIn(bare, 'config', 'http.receivepack', 'true');
  remote = await serveGit(join(user.top, 'served'), token);
  publisher = await openClean('clean');
  folder = join(user.top, 'run');
  file = await openFileLedger(folder);
  writeFileSync(join(folder, 'spec.md'), '# spec\n');
  writeFileSync(join(folder, 'workflow-snapshot.yaml'), 'name: x\n');
  workspace = await openWorkspace({ objects: user.gitDir, dir: folder, resultRef: null, base });
  seq = 0;
});

afterEach(async () => {
  await file.close();
  await workspace.dispose();
  await remote.close();
  user.remove();
});

function openClean(name: string): Promise<Publisher> {
  return openPublisher({ url: remote.url, token, dir: join(user.top, name), backoffMs: 2 });
}

function ledgerWith(more: Partial<GitRefLedgerOptions> = {}) {
  return createGitRefLedger({
    file,
    publisher,
    ledgerDir: folder,
    ref,
    branch,
    objectsFrom: user.gitDir,
    gapMs: 60_000,
    ...more,
  });
}

function notice(): Event {
  seq += 1;
  return { v: 1, seq, ts: '2026-01-02T03:04:05.678Z', type: 'notice', message: `number ${seq}` };
}

async function commitOn(parent: string, name: string): Promise<string> {
  const tree = await workspace.tree('', parent);
  writeFileSync(join(tree.dir, name), name);
  return (await workspace.snapshot('', { parent, message: name })).commit;
}

function published(path = 'manifest.ndjson'): string {
  return user.gitIn(bare, 'show', `${ref}:${path}`);
}

function pushes(): number {
  return remote.requests.filter((request) => request.endsWith('/git-receive-pack')).length;
}

describe('the ledger on a ref', () => {
  it('settles when events and commit are on the remote, in one push', async () => {
    const told: string[] = [];
    const ledger = ledgerWith({ onPublished: (commit) => told.push(commit) });
    const commit = await commitOn(base, 'a.txt');
    await ledger.append([notice(), notice()]);
    await ledger.keep('gate.log', 'the log\n');
    await ledger.keep('do.1.agent.ndjson', 'what its tools have read here\n');
    expect(pushes()).toBe(0);
    await ledger.settle(commit);
    expect(pushes()).toBe(1);
    expect(published().split('\n')).toHaveLength(2);
    expect(published('artifacts/gate.log')).toBe('the log');
    expect(() => published('artifacts/do.1.agent.ndjson')).toThrow();
    expect(existsSync(join(folder, 'artifacts/do.1.agent.ndjson'))).toBe(true);
    expect(published('spec.md')).toBe('# spec');
    expect(published('workflow-snapshot.yaml')).toBe('name: x');
    expect(user.gitIn(bare, 'rev-parse', branch)).toBe(commit);
    expect(told).toEqual([commit]);
    await ledger.settle(commit);
    expect(pushes()).toBe(1);
  });

  it('grows by commits, and takes nothing along that belongs to the machine', async () => {
    const ledger = ledgerWith();
    writeFileSync(join(folder, 'secret-of-this-machine'), 'x');
    mkdirSync(join(folder, 'artifacts'));
    symlinkSync('/etc/passwd', join(folder, 'artifacts/link'));
    for (let round = 1; round <= 3; round++) {
      await ledger.append([notice()]);
      await ledger.settle(null);
    }
    expect(user.gitIn(bare, 'rev-list', '--count', ref)).toBe('3');
    expect(user.gitIn(bare, 'ls-tree', '-r', '--name-only', ref).split('\n')).toEqual([
      'manifest.ndjson',
      'spec.md',
      'workflow-snapshot.yaml',
    ]);
    expect(() => user.gitIn(bare, 'rev-parse', '--verify', '-q', branch)).toThrow();
  });

  it('pushes behind the work when nobody waits, many events at once', async () => {
    const ledger = ledgerWith({ gapMs: 50 });
    for (let round = 1; round <= 20; round++) await ledger.append([notice()]);
    while (pushes() === 0) await sleep(10);
    await ledger.close();
    expect(pushes()).toBe(1);
    expect(published().split('\n')).toHaveLength(20);
  });

  it('never settles on a push that began too early', async () => {
    const ledger = ledgerWith();
    let release: () => void = () => undefined;
    let held = false;
    remote.onRequest(async (request) => {
      if (held || !request.url?.endsWith('/git-receive-pack')) return;
      held = true;
      await new Promise<void>((resolve) => {
        release = resolve;
      });
    });
    await ledger.append([notice()]);
    const early = ledger.settle(null);
    while (!held) await sleep(5);
    const commit = await commitOn(base, 'a.txt');
    await ledger.append([notice()]);
    const late = [ledger.settle(commit), ledger.settle(null), ledger.settle(commit)];
    release();
    await early;
    expect(published().split('\n')).toHaveLength(1);
    await Promise.all(late);
    expect(published().split('\n')).toHaveLength(2);
    expect(user.gitIn(bare, 'rev-parse', branch)).toBe(commit);
    expect(pushes()).toBe(2);
  });

  it('says that it is not published, moves neither ref, and recovers', async () => {
    const ledger = ledgerWith();
    const commit = await commitOn(base, 'a.txt');
    await ledger.append([notice()]);
    remote.fail(1000, 503);
    await expect(ledger.settle(commit)).rejects.toMatchObject({ code: 'ledger', retryable: true });
    remote.fail(0, 503);
    expect(user.gitIn(bare, 'for-each-ref', '--format=%(refname)', 'refs/gump', branch)).toBe('');
    await ledger.append([notice()]);
    await ledger.settle(commit);
    expect(published().split('\n')).toHaveLength(2);
    expect(user.gitIn(bare, 'rev-parse', branch)).toBe(commit);
  });

  it('does not move the ledger either where somebody else took the branch', async () => {
    const ledger = ledgerWith();
    const commit = await commitOn(base, 'a.txt');
    await ledger.append([notice()]);
    await ledger.settle(commit);
    user.write('theirs.txt', 'theirs');
    const theirs = user.commit('theirs');
    user.git('push', '-q', '-f', bare, `${theirs}:${branch}`);
    await ledger.append([notice()]);
    await expect(ledger.settle(await commitOn(commit, 'b.txt'))).rejects.toMatchObject({
      code: 'ledger',
      hint: expect.stringContaining('Somebody else moved the branch'),
    });
    expect(user.gitIn(bare, 'rev-parse', branch)).toBe(theirs);
    expect(published().split('\n')).toHaveLength(1);
  });

  it('tells of a failure that nobody waited for, and tries again', async () => {
    const notices: string[] = [];
    const ledger = ledgerWith({ gapMs: 10, onNotice: (message) => notices.push(message) });
    remote.fail(1000, 403);
    await ledger.append([notice()]);
    while (notices.length === 0) await sleep(10);
    expect(notices[0]).toContain('contents: write');
    remote.fail(0, 403);
    await ledger.append([notice()]);
    await ledger.settle(null);
    expect(published().split('\n')).toHaveLength(2);
  });
});

describe('a run on another machine', () => {
  it('finds the folder as it was, and goes on from there', async () => {
    const ledger = ledgerWith();
    const commit = await commitOn(base, 'a.txt');
    await ledger.append([notice(), notice()]);
    await ledger.keep('gate.log', 'the log\n');
    await ledger.settle(commit);

    const other = join(user.top, 'other-machine');
    const clean = await openClean('clean-2');
    expect(await restoreFromRef({ publisher: clean, ref, ledgerDir: other })).toBe(
      user.gitIn(bare, 'rev-parse', ref),
    );
    for (const name of ['manifest.ndjson', 'spec.md', 'workflow-snapshot.yaml', 'artifacts/gate.log']) {
      expect(readFileSync(join(other, name))).toEqual(readFileSync(join(folder, name)));
    }
    await clean.clone({ refs: [branch] });
    const otherFile = await openFileLedger(other);
    const resumed = ledgerWith({
      file: otherFile,
      publisher: clean,
      ledgerDir: other,
      objectsFrom: clean.gitDir,
    });
    expect(await resumed.read()).toHaveLength(2);
    await resumed.append([notice()]);
    await resumed.settle(commit);
    await otherFile.close();
    expect(published().split('\n')).toHaveLength(3);
    expect(user.gitIn(bare, 'rev-list', '--count', ref)).toBe('2');

    await ledger.append([{ ...notice(), seq: 3 }]);
    await expect(ledger.settle(null)).rejects.toMatchObject({ code: 'ledger' });
    expect(published().split('\n')[2]).toContain('number 3');
  });

  it('has what was made beside the branch, too: it comes with the ledger that names it', async () => {
    const told: string[] = [];
    const ledger = ledgerWith({ onPublished: (commit) => told.push(commit) });
    const line = await commitOn(base, 'line.txt');
    const aside = [await commitOn(base, 'a.txt'), await commitOn(base, 'b.txt')];
    for (const commit of [...aside, line]) ledger.hold(commit);
    await ledger.append([notice()]);
    await ledger.settle(line);
    expect(user.gitIn(bare, 'rev-parse', branch)).toBe(line);
    expect(user.gitIn(bare, 'log', '-1', '--format=%P', ref)).toBe(aside.join(' '));
    expect(told).toEqual([line, ...aside]);
    await ledger.append([notice()]);
    await ledger.settle(line);
    expect(user.gitIn(bare, 'log', '-1', '--format=%P', ref).split(' ')).toHaveLength(1);

    const clean = await openClean('clean-3');
    await restoreFromRef({ publisher: clean, ref, ledgerDir: join(user.top, 'other-machine') });
    for (const commit of aside) expect(user.gitIn(clean.gitDir, 'cat-file', '-t', commit)).toBe('commit');
  });

  it('has a held commit as soon as it has the event behind it, also when the push before had failed', async () => {
    const ledger = ledgerWith();
    const commit = await commitOn(base, 'a.txt');
    ledger.hold(commit);
    await ledger.append([notice()]);
    remote.fail(1000, 503);
    await expect(ledger.settle(null)).rejects.toMatchObject({ code: 'ledger' });
    remote.fail(0, 503);
    await ledger.settle(null);
    expect(user.gitIn(bare, 'log', '-1', '--format=%P', ref)).toBe(commit);
  });

  describe('the branches of parallel tasks', () => {
    const told: string[] = [];
    const sided = () => {
      told.length = 0;
      return ledgerWith({
        isBeside: (step) => step.startsWith('split/'),
        onNotice: (line) => told.push(line),
      });
    };
    const tip = (name: string) =>
      user.gitIn(bare, 'for-each-ref', '--format=%(objectname)', `${branch}${name}`);
    const begun = (task: string, index: number): Event => ({
      ...{ v: 1, seq: ++seq, ts: '2026-01-02T03:04:05.678Z', type: 'task_started' },
      ...{ step: 'split', task, index, base },
    });
    const reset = (task: string, commit: string): Event => ({
      ...{ v: 1, seq: ++seq, ts: '2026-01-02T03:04:05.678Z', type: 'tree_reset' },
      ...{ step: `split/${task}/work`, attempt: 1, to: base, commit },
    });

    async function attempt(ledger: ReturnType<typeof sided>, task: string, commit: string): Promise<void> {
      ledger.hold(commit);
      await ledger.append([reset(task, commit)]);
      await ledger.settle(null);
    }

    it('have each attempt as soon as the ledger has it, numbered as the tasks are', async () => {
      const ledger = sided();
      await ledger.append([begun('one', 1), begun('two', 2)]);
      const first = await commitOn(base, 'a.txt');
      await attempt(ledger, 'two', first);
      expect([tip('-task-1'), tip('-task-2')]).toEqual(['', first]);
      const second = await commitOn(first, 'b.txt');
      await attempt(ledger, 'two', second);
      await attempt(ledger, 'one', await commitOn(base, 'c.txt'));
      expect(tip('-task-2')).toBe(second);
      expect(tip('-task-1')).not.toBe('');
      expect(told).toEqual([]);
    });

    it('go on where a run is resumed on another machine, which knows the tasks from the ledger', async () => {
      const ledger = sided();
      const first = await commitOn(base, 'a.txt');
      await ledger.append([begun('one', 1)]);
      await attempt(ledger, 'one', first);
      const resumed = ledgerWith({ publisher: await openClean('clean-4'), isBeside: () => true });
      const second = await commitOn(first, 'b.txt');
      await attempt(resumed, 'one', second);
      expect(tip('-task-1')).toBe(second);
    });

    it('are never forced: with other work on one the run goes on, and says so once', async () => {
      const other = await commitOn(base, 'other.txt');
      user.gitIn(user.repo, 'push', '-q', bare, `${other}:${branch}-task-1`);
      const ledger = sided();
      await ledger.append([begun('one', 1)]);
      const first = await commitOn(base, 'a.txt');
      await attempt(ledger, 'one', first);
      await attempt(ledger, 'one', await commitOn(first, 'b.txt'));
      expect(tip('-task-1')).toBe(other);
      expect(told).toEqual([expect.stringContaining('gump/issue-7-task-1 is left as it is')]);
      expect(user.gitIn(bare, 'rev-list', '--count', ref)).not.toBe('0');
    });

    it('that the remote refuses stop neither ledger nor branch', async () => {
      user.gitIn(bare, 'config', 'receive.denyNonFastForwards', 'true');
      writeFileSync(join(bare, 'hooks/update'), '#!/bin/sh\ncase "$1" in *-task-*) exit 1;; esac\n', {
        mode: 0o755,
      });
      const ledger = sided();
      await ledger.append([begun('one', 1)]);
      const line = await commitOn(base, 'line.txt');
      const first = await commitOn(base, 'a.txt');
      ledger.hold(first);
      await ledger.append([reset('one', first)]);
      await ledger.settle(line);
      expect(tip('-task-1')).toBe('');
      expect(tip('')).toContain(line);
      expect(user.gitIn(bare, 'log', '-1', '--format=%P', ref)).toBe(first);
      expect(told).toEqual([
        expect.stringContaining('are not shown; their attempts are kept with the ledger'),
      ]);
    });
  });

  it('is refused where something is in the folder, and nothing where there is no such run', async () => {
    const ledger = ledgerWith();
    await ledger.append([notice()]);
    await ledger.settle(null);
    await expect(restoreFromRef({ publisher, ref, ledgerDir: folder })).rejects.toMatchObject({
      code: 'ledger',
    });
    expect(
      await restoreFromRef({ publisher, ref: 'refs/gump/runs/none', ledgerDir: join(user.top, 'x') }),
    ).toBeNull();
    expect(existsSync(join(user.top, 'x'))).toBe(false);
  });

  it('writes only the files that a run has, whatever the ref holds', async () => {
    user.write('manifest.ndjson', '');
    user.write('artifacts/fine.log', 'fine');
    user.write('artifacts/deep/er.log', 'x');
    user.write('.git-credentials', 'x');
    symlinkSync('/etc/passwd', join(user.repo, 'spec.md'));
    user.git('push', '-q', bare, `${user.commit('hostile')}:${ref}`);
    const target = join(user.top, 'target');
    await restoreFromRef({ publisher, ref, ledgerDir: target });
    expect(existsSync(join(target, 'manifest.ndjson'))).toBe(true);
    expect(existsSync(join(target, 'artifacts/fine.log'))).toBe(true);
    for (const name of ['spec.md', '.git-credentials', 'artifacts/deep', 'readme.md']) {
      expect([name, existsSync(join(target, name))]).toEqual([name, false]);
    }
  });
});
