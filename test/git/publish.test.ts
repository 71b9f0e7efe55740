import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { gitProcesses } from '../../src/git/git.ts';
import { openPublisher, type Publisher } from '../../src/git/publish.ts';
import { openWorkspace } from '../../src/git/workspace.ts';
import { type RemoteFixture, serveGit } from './remote.fixture.ts';
import { createFixture, type Fixture } from './repository.fixture.ts';

const token = 'ghs_0123456789abcdefghij';
let user: Fixture;
let bare: string;
let base: string;
let remote: RemoteFixture;
let publisher: Publisher;

beforeEach(async () => {
  user = createFixture();
  user.write('readme.md', 'hello\n');
  base = user.commit('base');
  mkdirSync(join(user.top, 'served'));
  bare = join(user.top, 'served/remote.git');
  user.gitIn(user.top, 'clone', '-q', '--bare', user.repo, bare);
  user.gitIn(bare, 'config', 'http.receivepack', 'true');
  remote = await serveGit(join(user.top, 'served'), token);
  publisher = await openPublisher({ url: remote.url, token, dir: join(user.top, 'clean'), backoffMs: 5 });
});

afterEach(async () => {
  await remote.close();
  user.remove();
});

/** All files below a folder. */
function filesOf(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

function next(name: string): string {
  user.write(name, name);
  return user.commit(name);
}

function reject(script: string): void {
  mkdirSync(join(bare, 'hooks'), { recursive: true });
  writeFileSync(join(bare, 'hooks/pre-receive'), `#!/bin/sh\n${script}\nexit 1\n`, { mode: 0o755 });
}

describe('the clean clone', () => {
  it('gives the refs that are there, and what the remote has', async () => {
    const refs = await publisher.clone({ refs: ['refs/heads/main', 'refs/heads/nothing'] });
    expect([...refs]).toEqual([['refs/heads/main', base]]);
    expect(user.gitIn(publisher.gitDir, 'cat-file', '-t', base)).toBe('commit');
    expect([...(await publisher.lsRemote(['refs/heads/*']))]).toEqual([['refs/heads/main', base]]);
  });

  it('asks the remote once for what a push stands on', async () => {
    const ref = 'refs/heads/gump/issue-1';
    expect(await publisher.lastSeen([ref])).toEqual(new Map());
    const before = gitProcesses();
    expect(await publisher.lastSeen([ref])).toEqual(new Map());
    await publisher.push([{ sha: base, ref }], { objectsFrom: user.gitDir });
    expect(await publisher.lastSeen([ref])).toEqual(new Map([[ref, base]]));
    expect(gitProcesses() - before).toBe(1);
  });

  it('forgets what it saw of a ref that a push did not reach', async () => {
    const ref = 'refs/heads/gump/issue-1';
    expect(await publisher.lastSeen([ref])).toEqual(new Map());
    const theirs = next('theirs');
    user.git('push', '-q', bare, `${theirs}:${ref}`);
    user.git('reset', '-q', '--hard', base);
    await expect(
      publisher.push([{ sha: next('ours'), ref }], { objectsFrom: user.gitDir }),
    ).rejects.toThrow();
    expect(await publisher.lastSeen([ref])).toEqual(new Map([[ref, theirs]]));
  });

  it('pushes what a workspace made, out of its objects', async () => {
    const workspace = await openWorkspace({
      objects: user.gitDir,
      dir: join(user.top, 'run'),
      resultRef: null,
      base,
    });
    const tree = await workspace.tree('', base);
    writeFileSync(join(tree.dir, 'a.txt'), 'a');
    const { commit } = await workspace.snapshot('', { parent: base, message: 'a' });
    await publisher.push([{ sha: commit, ref: 'refs/heads/gump/issue-1', expectedOld: null }], {
      objectsFrom: user.gitDir,
    });
    expect(user.gitIn(bare, 'rev-parse', 'gump/issue-1')).toBe(commit);
    expect(user.gitIn(bare, 'show', 'gump/issue-1:a.txt')).toBe('a');
    await workspace.dispose();
  });

  it('pushes out of a shallow repository', async () => {
    next('second');
    user.git('push', '-q', bare, 'main');
    const shallow = join(user.top, 'shallow');
    user.gitIn(user.top, 'clone', '-q', '--depth=1', `file://${bare}`, shallow);
    writeFileSync(join(shallow, 'b.txt'), 'b');
    user.gitIn(shallow, 'add', '-A');
    user.gitIn(shallow, 'commit', '-q', '-m', 'b');
    const sha = user.gitIn(shallow, 'rev-parse', 'HEAD');
    await publisher.push([{ sha, ref: 'refs/heads/x' }], { objectsFrom: join(shallow, '.git') });
    expect(user.gitIn(bare, 'rev-list', '--count', 'x')).toBe('3');
  });

  it('shows the token in no argument and keeps it in no file', async () => {
    const commands: string[] = [];
    remote.onRequest(() => {
      for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
        try {
          commands.push(readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
        } catch {
          // It has ended.
        }
      }
    });
    await publisher.clone({ refs: ['refs/heads/main'] });
    await publisher.push([{ sha: next('x'), ref: 'refs/heads/x' }], { objectsFrom: user.gitDir });
    const encoded = Buffer.from(`x-access-token:${token}`).toString('base64');
    expect(commands.some((command) => command.includes('remote-http'))).toBe(true);
    expect(commands.filter((command) => command.includes(token) || command.includes(encoded))).toEqual([]);
    const holding = filesOf(user.top).filter((file) => {
      const content = readFileSync(file);
      return content.includes(token) || content.includes(encoded);
    });
    expect(holding).toEqual([]);
  });

  it('moves all refs or none', async () => {
    const one = next('one');
    user.git('checkout', '-q', '--orphan', 'other');
    const foreign = next('foreign');
    user.git('push', '-q', bare, `${foreign}:refs/heads/taken`);
    const updates = [
      { sha: one, ref: 'refs/heads/free' },
      { sha: one, ref: 'refs/heads/taken', expectedOld: base },
    ];
    const pushed = publisher.push(updates, { objectsFrom: user.gitDir });
    await expect(pushed).rejects.toMatchObject({
      code: 'git',
      retryable: false,
      hint: expect.stringContaining('Somebody else moved the branch'),
      message: expect.stringContaining(`last seen on ${base}`),
    });
    expect(user.gitIn(bare, 'for-each-ref', '--format=%(refname)')).not.toContain('free');
    expect(user.gitIn(bare, 'rev-parse', 'taken')).toBe(foreign);
  });

  it('never takes a commit of somebody else away, seen or unseen', async () => {
    const mine = next('mine');
    const other = join(user.top, 'other');
    user.gitIn(user.top, 'clone', '-q', bare, other);
    writeFileSync(join(other, 'theirs'), 'theirs');
    user.gitIn(other, 'add', '-A');
    user.gitIn(other, 'commit', '-q', '-m', 'theirs');
    user.gitIn(other, 'push', '-q', 'origin', 'HEAD:main');
    const theirs = user.gitIn(bare, 'rev-parse', 'main');
    await expect(
      publisher.push([{ sha: mine, ref: 'refs/heads/main' }], { objectsFrom: user.gitDir }),
    ).rejects.toThrow('rejected');
    expect(user.gitIn(bare, 'rev-parse', 'main')).toBe(theirs);
    await expect(
      publisher.push([{ sha: base, ref: 'refs/heads/main' }], { objectsFrom: user.gitDir }),
    ).rejects.toMatchObject({ code: 'git' });
    expect(user.gitIn(bare, 'rev-parse', 'main')).toBe(theirs);
  });

  it.each([
    ['echo "remote: error: GH006: Protected branch update failed for refs/heads/x."', 'protects this branch'],
    [
      'echo "refusing to allow a GitHub App to create or update workflow .github/workflows/ci.yml without workflows permission"',
      'permission "workflows"',
    ],
  ])('says what a rejection means: %s', async (script, hint) => {
    reject(script);
    const pushed = publisher.push([{ sha: next('x'), ref: 'refs/heads/x' }], { objectsFrom: user.gitDir });
    await expect(pushed).rejects.toMatchObject({ hint: expect.stringContaining(hint), retryable: false });
  });

  it('takes no number in a branch name for an answer', async () => {
    reject('echo no');
    const pushed = publisher.push([{ sha: next('x'), ref: 'refs/heads/gump/issue-403' }], {
      objectsFrom: user.gitDir,
    });
    await expect(pushed).rejects.toMatchObject({ hint: expect.stringContaining('protects this branch') });
    const missing = publisher.fetch(['refs/heads/issue-401']);
    await expect(missing).rejects.toSatisfy((error: { hint?: string }) => error.hint === undefined);
  });

  it('tries again where the network broke off, and only there', async () => {
    remote.fail(2, 503);
    expect([...(await publisher.lsRemote()).keys()]).toContain('refs/heads/main');
    expect(remote.requests.length).toBeGreaterThan(2);
    remote.fail(1000, 502);
    await expect(publisher.lsRemote()).rejects.toMatchObject({
      retryable: true,
      hint: expect.stringContaining('resumed later'),
    });
    remote.fail(1000, 403);
    const before = remote.requests.length;
    await expect(publisher.lsRemote()).rejects.toMatchObject({
      retryable: false,
      hint: expect.stringContaining('contents: write'),
    });
    expect(remote.requests.length - before).toBe(1);
    remote.fail(0, 0);
  });

  it('does not ask anybody for a password, and does not tell the token', async () => {
    const wrong = await openPublisher({
      url: remote.url,
      token: 'wrong-token-1234',
      dir: join(user.top, 'wrong'),
      backoffMs: 5,
    });
    const error = await wrong.lsRemote().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'git', hint: expect.stringContaining('contents: write') });
    expect(JSON.stringify(error) + String(error)).not.toContain('wrong-token');
  });

  it('refuses a URL that holds a credential, or is not safe', async () => {
    const dir = join(user.top, 'no');
    for (const url of [
      'https://me:secret@github.com/a/b',
      'http://example.com/a',
      'ext::sh -c id',
      'git@github.com:a/b',
      'ssh://x/y',
      '--upload-pack=x',
    ]) {
      await expect(openPublisher({ url, token, dir })).rejects.toMatchObject({ code: 'usage' });
    }
  });

  it('runs no hook of its own', async () => {
    const trap = join(user.top, 'sprung');
    mkdirSync(join(publisher.gitDir, 'hooks'), { recursive: true });
    writeFileSync(join(publisher.gitDir, 'hooks/pre-push'), `#!/bin/sh\ntouch ${trap}\nexit 1\n`, {
      mode: 0o755,
    });
    await publisher.push([{ sha: base, ref: 'refs/heads/x' }], { objectsFrom: user.gitDir });
    expect(() => execFileSync('test', ['-e', trap])).toThrow();
  });

  it('also works on a path', async () => {
    const local = await openPublisher({ url: bare, token: null, dir: join(user.top, 'local') });
    const sha = next('x');
    await local.push([{ sha, ref: 'refs/gump/runs/1' }], { objectsFrom: user.gitDir });
    expect((await local.lsRemote()).get('refs/gump/runs/1')).toBe(sha);
  });
});
