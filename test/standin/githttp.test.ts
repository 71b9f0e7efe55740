import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { EVERYTHING, type Fixture, gitIn, pushFiles, remoteUrl, startFixture } from './standin-fixture.ts';

let fixture: Fixture;
let token: string;
beforeEach(async () => {
  fixture = await startFixture();
  token = fixture.standin.createJobToken('acme/shop', EVERYTHING);
});
afterEach(async () => {
  // Whatever was refused or answered, nothing may break GitHub's description.
  expect(fixture.standin.violations).toEqual([]);
  await fixture.end();
});

const at = { owner: 'acme', repo: 'shop' } as const;

async function clone(as?: string): Promise<string> {
  const dir = await mkdtemp(join(fixture.dir, 'clone-'));
  await gitIn(fixture.dir, 'clone', '--quiet', remoteUrl(fixture.standin, as), dir);
  return dir;
}

test('what is pushed over HTTP is what the API shows and what the next clone gets', async () => {
  const sha = await pushFiles(fixture, token, { branch: 'work', files: { 'a.txt': 'hello\n' } });
  expect((await fixture.job.git.getRef({ ...at, ref: 'heads/work' })).data.object.sha).toBe(sha);
  const dir = await clone();
  await gitIn(dir, 'checkout', '--quiet', 'work');
  expect(await readFile(join(dir, 'a.txt'), 'utf8')).toBe('hello\n');
});

test('the first commit is the same on every machine', async () => {
  const { data } = await fixture.job.git.getRef({ ...at, ref: 'heads/main' });
  const { data: commit } = await fixture.job.git.getCommit({ ...at, commit_sha: data.object.sha });
  expect(commit.author).toMatchObject({ name: 'Stand-in', date: '2026-01-01T00:00:00Z' });
  expect(commit.parents).toEqual([]);
});

test('a push of many megabytes arrives whole', async () => {
  const dir = await clone(token);
  const content = randomBytes(6 * 1024 * 1024);
  await writeFile(join(dir, 'big.bin'), content);
  await gitIn(dir, 'add', '--all');
  await gitIn(dir, 'commit', '--quiet', '-m', 'big');
  await gitIn(dir, 'push', '--quiet', 'origin', 'HEAD:refs/heads/big');
  const fresh = await clone(token);
  await gitIn(fresh, 'checkout', '--quiet', 'big');
  expect((await readFile(join(fresh, 'big.bin'))).equals(content)).toBe(true);
});

test('a token that may only read fetches and does not push', async () => {
  const reader = fixture.standin.createJobToken('acme/shop', { contents: 'read' });
  const dir = await clone(reader);
  await gitIn(dir, 'commit', '--quiet', '--allow-empty', '-m', 'x');
  await expect(gitIn(dir, 'push', 'origin', 'HEAD:refs/heads/x')).rejects.toThrow(/403|not granted/);
});

test('a private repository is not there for strangers', async () => {
  const { standin } = fixture;
  await standin.addRepository({
    owner: 'acme',
    name: 'secret',
    fromDir: join(fixture.dir, 'files'),
    private: true,
  });
  const { token: stranger } = standin.addUser('stranger');
  const url = remoteUrl(standin, stranger).replace('shop.git', 'secret.git');
  await expect(gitIn(fixture.dir, 'ls-remote', url)).rejects.toThrow(/not found/i);
  const own = remoteUrl(standin, standin.addUser('acme').token).replace('shop.git', 'secret.git');
  expect(await gitIn(fixture.dir, 'ls-remote', own)).toContain('refs/heads/main');
});

test('a push that changes a workflow is refused without the right to workflows', async () => {
  const change = { branch: 'evil', files: { '.github/workflows/evil.yml': 'on: push\n' } };
  await expect(pushFiles(fixture, token, change)).rejects.toThrow(
    /refusing to allow a GitHub App to create or update workflow `\.github\/workflows\/evil\.yml` without `workflows` permission/,
  );
  const { token: person } = fixture.standin.addUser('acme');
  await expect(pushFiles(fixture, person, change)).resolves.toMatch(/^[0-9a-f]{40}$/);
});

test('an atomic push of branch and ledger is all or nothing', async () => {
  const dir = await clone(token);
  await gitIn(dir, 'commit', '--quiet', '--allow-empty', '-m', 'x');
  await gitIn(
    dir,
    'push',
    '--quiet',
    '--atomic',
    'origin',
    'HEAD:refs/heads/gump/issue-1',
    'HEAD:refs/gump/runs/r1',
  );
  const names = async () => (await fixture.standin.dump()).refs.map(({ ref }) => ref);
  expect(await names()).toEqual(['refs/gump/runs/r1', 'refs/heads/gump/issue-1', 'refs/heads/main']);
  const both = gitIn(
    dir,
    'push',
    '--quiet',
    '--atomic',
    'origin',
    'HEAD:refs/heads/fine',
    'HEAD:refs/pull/9/head',
  );
  await expect(both).rejects.toThrow();
  expect(await names()).not.toContain('refs/heads/fine');
});

test('history can be rewritten unless the branch is protected', async () => {
  const { standin } = fixture;
  const guarded = {
    owner: 'acme',
    name: 'guarded',
    fromDir: join(fixture.dir, 'files'),
    protectedBranches: ['main'],
  };
  await standin.addRepository(guarded);
  const { token: owner } = standin.addUser('acme');
  for (const [name, isAllowed] of [
    ['shop', true],
    ['guarded', false],
  ] as const) {
    const dir = await mkdtemp(join(fixture.dir, 'force-'));
    const url = remoteUrl(standin, owner).replace('shop.git', `${name}.git`);
    await gitIn(fixture.dir, 'clone', '--quiet', url, dir);
    await gitIn(dir, 'commit', '--quiet', '--amend', '-m', 'rewritten');
    const pushed = gitIn(dir, 'push', '--force', 'origin', 'main').then(
      () => true,
      () => false,
    );
    expect(await pushed, name).toBe(isAllowed);
  }
});

test('a request body that is compressed is understood', async () => {
  const url = new URL(remoteUrl(fixture.standin));
  const ask = (body: Uint8Array<ArrayBuffer>, encoding: Record<string, string>) =>
    fetch(`${url.href}/git-upload-pack`, {
      method: 'POST',
      headers: {
        'content-type': 'application/x-git-upload-pack-request',
        'git-protocol': 'version=2',
        ...encoding,
      },
      body,
    });
  const plain = new TextEncoder().encode('0014command=ls-refs\n0000');
  const packed = new Uint8Array(gzipSync(plain));
  const answer = await (await ask(packed, { 'content-encoding': 'gzip' })).text();
  expect(answer).toContain('refs/heads/main');
  expect(await (await ask(plain, {})).text()).toBe(answer);
});

test('a push opens nothing and moves the head of the pull request that is open', async () => {
  await pushFiles(fixture, token, { branch: 'work', files: { 'a.txt': '1\n' } });
  const { data: pull } = await fixture.job.pulls.create({ ...at, title: 'p', head: 'work', base: 'main' });
  const sha = await pushFiles(fixture, token, { branch: 'work', files: { 'a.txt': '2\n' } });
  const { data: moved } = await fixture.job.pulls.get({ ...at, pull_number: pull.number });
  expect(moved.head.sha).toBe(sha);
  expect(moved.commits).toBe(2);
  expect((await fixture.job.git.getRef({ ...at, ref: `pull/${pull.number}/head` })).data.object.sha).toBe(
    sha,
  );
});
