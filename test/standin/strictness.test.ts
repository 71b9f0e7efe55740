import { statSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { loadOpenApi } from './openapi.ts';
import { type Fixture, refusedWith, startFixture } from './standin-fixture.ts';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await startFixture();
});
afterEach(async () => {
  await fixture.end();
});

const at = { owner: 'acme', repo: 'shop' } as const;

test("a request that breaks GitHub's description is refused and recorded", async () => {
  const { standin, job } = fixture;
  const broken = job.request('POST /repos/acme/shop/check-runs', {
    name: 'x',
    head_sha: 'main',
    status: 'sleeping',
  });
  expect(await refusedWith(broken)).toMatchObject({ status: 422 });
  expect(standin.violations).toHaveLength(1);
  expect(standin.violations[0]).toMatch(
    /^POST \/api\/v3\/repos\/acme\/shop\/check-runs: body status: .*queued/,
  );
});

test('a field or parameter that GitHub does not know is answered and recorded', async () => {
  const { standin, job } = fixture;
  expect((await job.request('POST /repos/acme/shop/issues', { title: 'x', colour: 'red' })).status).toBe(201);
  await job.request('GET /repos/acme/shop/issues', { colour: 'red' });
  expect(standin.violations).toEqual([
    expect.stringContaining('body colour: is not a field'),
    expect.stringContaining('query colour: is not a parameter'),
  ]);
});

test('a path that is in no operation is 404 and recorded', async () => {
  const { standin, job } = fixture;
  expect(await refusedWith(job.request('GET /repos/acme/shop/nothing/here'))).toMatchObject({ status: 404 });
  expect(standin.violations).toEqual([
    expect.stringContaining('no operation of schema/operations.ts has this path'),
  ]);
});

test('a number that is none is 404 and text that is no JSON is 400', async () => {
  const { standin, job } = fixture;
  expect(await refusedWith(job.request('GET /repos/acme/shop/issues/one'))).toMatchObject({ status: 404 });
  expect((await fetch(`${standin.apiUrl}/repos/acme/shop/labels/100%`)).status).toBe(404);
  expect((await fetch(`${standin.apiUrl}/repos/acme/shop/labels/%FF`)).status).toBe(404);
  await expect(standin.addRepository({ owner: '..', name: 'x', empty: true })).rejects.toThrow('no name');
  const token = standin.createJobToken('acme/shop', { issues: 'write' });
  const answer = await fetch(`${standin.apiUrl}/repos/acme/shop/issues`, {
    method: 'POST',
    headers: { authorization: `token ${token}` },
    body: '{',
  });
  expect(answer.status).toBe(400);
});

test("an answer of the stand-in's own that breaks the description is noticed", () => {
  const openapi = loadOpenApi();
  const check = (status: number, body: unknown) =>
    openapi.checkAnswer({ method: 'GET', path: '/repos/{owner}/{repo}/issues', status, body });
  expect(check(200, [])).toEqual([]);
  expect(check(200, [{ number: 'one' }])).not.toEqual([]);
  expect(check(299, [])).not.toEqual([]);
});

test('the trimmed description stays small', () => {
  expect(statSync(new URL('./schema/github-openapi.json', import.meta.url)).size).toBeLessThan(400_000);
});

test('the hour of a job token ends with 403 and its headers tell so before', async () => {
  const { standin, job } = fixture;
  standin.limits.jobRequestsPerHour = 3;
  const first = await job.repos.get(at);
  expect(first.headers).toMatchObject({ 'x-ratelimit-limit': '3', 'x-ratelimit-remaining': '2' });
  await job.repos.get(at);
  await job.repos.get(at);
  const refused = await refusedWith(job.repos.get(at));
  expect(refused.status).toBe(403);
  expect(refused.message).toContain('API rate limit exceeded');
});

test('too many writes in a minute are refused with retry-after', async () => {
  const { standin, job } = fixture;
  standin.limits.contentWritesPerMinute = 2;
  await job.issues.create({ ...at, title: '1' });
  await job.issues.create({ ...at, title: '2' });
  const refused = job.issues.create({ ...at, title: '3' });
  await expect(refused).rejects.toMatchObject({
    status: 403,
    response: { headers: { 'retry-after': expect.stringMatching(/^\d+$/) } },
  });
  expect((await job.issues.listForRepo(at)).data).toHaveLength(2);
});

test('a fault before the work does nothing, a lost answer has done it', async () => {
  const { standin, job } = fixture;
  const create = () => job.issues.create({ ...at, title: 'x' });
  const count = () => standin.state.repositories.get('acme/shop')?.issues.size;
  Object.assign(standin.faults, { rate: 1, kinds: ['500'] });
  expect(await refusedWith(create())).toMatchObject({ status: 500 });
  standin.faults.kinds = ['429'];
  await expect(create()).rejects.toMatchObject({
    status: 429,
    response: { headers: { 'retry-after': '1' } },
  });
  expect(count()).toBe(0);
  standin.faults.kinds = ['502'];
  expect(await refusedWith(create())).toMatchObject({ status: 502 });
  standin.faults.kinds = ['drop'];
  await expect(create()).rejects.toThrow();
  expect(count()).toBe(2);
  Object.assign(standin.faults, { kinds: ['timeout'], timeoutMs: 50 });
  await expect(create()).rejects.toThrow();
  standin.faults.only = (method) => method === 'DELETE';
  expect((await create()).status).toBe(201);
});

test('faults come in the same order for the same seed', async () => {
  const { standin, job } = fixture;
  const series = async (): Promise<boolean[]> => {
    Object.assign(standin.faults, { rate: 0.5, kinds: ['500'], seed: 42 });
    const results: boolean[] = [];
    for (let index = 0; index < 12; index += 1)
      results.push(
        await job.repos.get(at).then(
          () => true,
          () => false,
        ),
      );
    return results;
  };
  const first = await series();
  expect(await series()).toEqual(first);
  expect(new Set(first).size).toBe(2);
});

test('the dump holds what happened, with requests by actor', async () => {
  const { standin, job } = fixture;
  const { data } = await job.issues.create({ ...at, title: 'x' });
  await job.issues.createComment({ ...at, issue_number: data.number, body: 'hello' });
  const dump = await standin.dump();
  expect(dump.issues[0]).toMatchObject({ number: 1, title: 'x', comments: 1 });
  expect(dump.comments[0]).toMatchObject({ body: 'hello' });
  expect(dump.commits[0]).toMatchObject({ parents: [], commit: { message: 'Initial commit' } });
  expect(dump.refs).toEqual([
    { ref: 'refs/heads/main', object: { type: 'commit', sha: dump.commits[0]?.sha } },
  ]);
  expect(dump.requests).toContainEqual({
    ...{
      method: 'POST',
      path: '/repos/acme/shop/issues',
      status: 201,
      writes: true,
      actor: 'github-actions[bot]',
    },
  });
});

test('two writes at once behave as one after the other', async () => {
  const { job, standin } = fixture;
  const { data } = await job.git.getRef({ ...at, ref: 'heads/main' });
  const make = () =>
    job.git.createRef({ ...at, ref: 'refs/heads/once', sha: data.object.sha }).then(
      () => 201,
      (error) => error.status,
    );
  const results = await Promise.all([make(), make(), make()]);
  expect(results.toSorted()).toEqual([201, 422, 422]);
  expect(standin.violations).toEqual([]);
});
