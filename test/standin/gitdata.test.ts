import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Fixture, refusedWith, startFixture } from './standin-fixture.ts';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await startFixture();
});
afterAll(async () => {
  // Whatever was refused or answered, nothing may break GitHub's description.
  expect(fixture.standin.violations).toEqual([]);
  await fixture.end();
});

const at = { owner: 'acme', repo: 'shop' } as const;

async function mainSha(): Promise<string> {
  return (await fixture.job.git.getRef({ ...at, ref: 'heads/main' })).data.object.sha;
}

async function commit(path: string, content: string, parent: string): Promise<string> {
  const { job } = fixture;
  const { data: base } = await job.git.getCommit({ ...at, commit_sha: parent });
  const { data: blob } = await job.git.createBlob({ ...at, content, encoding: 'utf-8' });
  const entry = { path, mode: '100644', type: 'blob', sha: blob.sha } as const;
  const { data: tree } = await job.git.createTree({ ...at, base_tree: base.tree.sha, tree: [entry] });
  return (await job.git.createCommit({ ...at, message: `write ${path}`, tree: tree.sha, parents: [parent] }))
    .data.sha;
}

test('a commit made through the API is a real commit on a real branch', async () => {
  const { job } = fixture;
  const parent = await mainSha();
  const sha = await commit('spec.md', '# spec\n', parent);
  await job.git.createRef({ ...at, ref: 'refs/heads/gump/spec-1', sha });
  const file = await job.repos.getContent({
    ...at,
    path: 'spec.md',
    ref: 'gump/spec-1',
    mediaType: { format: 'raw' },
  });
  expect(file.data).toBe('# spec\n');
  const compared = await job.repos.compareCommitsWithBasehead({ ...at, basehead: 'main...gump/spec-1' });
  expect(compared.data).toMatchObject({ status: 'ahead', ahead_by: 1 });
  expect(compared.data.files?.map(({ filename, status }) => [filename, status])).toEqual([
    ['spec.md', 'added'],
  ]);
  const refs = await job.git.listMatchingRefs({ ...at, ref: 'heads/gump/' });
  expect(refs.data.map(({ ref }) => ref)).toEqual(['refs/heads/gump/spec-1']);
});

test('a branch moves forward, moves back only by force, and goes away', async () => {
  const { job } = fixture;
  const parent = await mainSha();
  const child = await commit('a.txt', 'a\n', parent);
  await job.git.createRef({ ...at, ref: 'refs/heads/moving', sha: parent });
  expect(await refusedWith(job.git.createRef({ ...at, ref: 'refs/heads/moving', sha: child }))).toMatchObject(
    { status: 422 },
  );
  const move = (sha: string, force = false) => job.git.updateRef({ ...at, ref: 'heads/moving', sha, force });
  expect((await move(child)).data.object.sha).toBe(child);
  expect((await refusedWith(move(parent))).message).toContain('Update is not a fast forward');
  expect((await move(parent, true)).data.object.sha).toBe(parent);
  await job.git.deleteRef({ ...at, ref: 'heads/moving' });
  expect(await refusedWith(job.git.getRef({ ...at, ref: 'heads/moving' }))).toMatchObject({ status: 404 });
});

test('refs outside of branches and tags work too', async () => {
  const { job } = fixture;
  const sha = await mainSha();
  await job.git.createRef({ ...at, ref: 'refs/gump/runs/r1', sha });
  expect((await job.git.getRef({ ...at, ref: 'gump/runs/r1' })).data.object.sha).toBe(sha);
});

test('a tree entry cannot leave the tree and a removal removes', async () => {
  const { job } = fixture;
  const parent = await mainSha();
  const { data: base } = await job.git.getCommit({ ...at, commit_sha: parent });
  const write = (path: string, sha: string | null) =>
    job.git.createTree({
      ...at,
      base_tree: base.tree.sha,
      tree: [{ path, mode: '100644', type: 'blob', sha }],
    });
  for (const path of ['../out', '/abs', '.git/config', 'a//b']) {
    expect(await refusedWith(write(path, null)), path).toMatchObject({ status: 422 });
  }
  const { data } = await write('lines.txt', null);
  expect(data.tree.map((entry) => entry.path)).toEqual(['.github']);
});

test("revision syntax of git is no name for GitHub's API", async () => {
  const { job } = fixture;
  for (const ref of ['main~0', 'main@{0}', '--all', 'main:lines.txt']) {
    expect((await refusedWith(job.repos.getCommit({ ...at, ref }))).status, ref).toBe(422);
  }
});

test('an App without the right to workflows brings in no workflow through the API either', async () => {
  const sha = await commit('.github/workflows/evil.yml', 'on: push\n', await mainSha());
  const refused = await refusedWith(fixture.job.git.createRef({ ...at, ref: 'refs/heads/evil', sha }));
  expect(refused.message).toContain('without `workflows` permission');
});
