import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Outcome } from '../../../src/github/incoming.ts';
import { describeWorkflow } from '../../../src/hosting/describe-workflow.ts';
import type { RepositoryEvent } from '../../standin/world.ts';
import { liveIn } from '../live.ts';
import { type HostileCase, hostileCases } from './hostile.cases.ts';
import { command, edit, frozen, label } from './steps.ts';
import { openTown, repository, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await openTown();
  Object.assign(town.standin.limits, { contentWritesPerMinute: 100_000, contentWritesPerHour: 100_000 });
});
afterAll(async () => {
  await town.close();
});

test('there are at least forty, each with a name of its own', () => {
  expect(hostileCases.length).toBeGreaterThanOrEqual(40);
  expect(new Set(hostileCases.map(({ name }) => name)).size).toBe(hostileCases.length);
});

test.each(hostileCases)('$name', async (given) => {
  const { expected } = given;
  const before = town.dispatches.length;
  const issue = await town.openIssue(
    given.issue?.title ?? 'Add a greeting',
    given.issue?.body ?? 'Say hello.',
  );
  for (const { by, body } of given.said ?? [])
    await town.comment(by, issue, body.replace('issue-1 ', `issue-${issue} `));
  expect(await happen(given, issue)).toBe(expected.done);
  const started = town.dispatches.slice(before);
  expect(started).toHaveLength(expected.starts ? 1 : 0);
  expect(started[0]?.inputs ?? {}).toMatchObject(expected.starts ?? {});
  await checkSpec(given, issue);
  await checkComments(given, issue);
  expect(town.standin.violations).toEqual([]);
});

test('nothing stands in the repository that none of them may have', async () => {
  const all = ['heads', 'tags', 'gump'].map((ref) =>
    town.as('acme').request('GET /repos/{owner}/{repo}/git/matching-refs/{ref}', { ...repository, ref }),
  );
  const refs = (await Promise.all(all)).flatMap(({ data }) => data.map(({ ref }) => ref));
  const ours = /^refs\/(heads\/(main|gump\/spec-\d+)|gump\/specs\/issue-\d+-\d+)$/;
  expect(refs.length).toBeGreaterThan(20);
  expect(refs.filter((ref) => !ours.test(ref))).toEqual([]);
});

/** By the handlers themselves: a host keeps a pace of writes, and so many events would wait for minutes. */
function handle(event: RepositoryEvent): Promise<Outcome> {
  return town.handle(event, { config: town.config({ describeWorkflow }) });
}

/** What was done with the last event of the case. */
async function happen({ labels, comment }: HostileCase, issue: number): Promise<string> {
  const first = labels ?? (comment ? [] : ['gump']);
  const labelled = first.length > 0 ? await handle(await label(town, issue, ...first)) : null;
  if (!comment) return labelled?.done ?? 'ignored';
  const event = structuredClone(await command(town, issue, comment.body, comment.by));
  Object.assign(event.payload.comment as object, comment.event);
  if (comment.meanwhile) await edit(town, issue, comment.meanwhile);
  return (await handle(event)).done;
}

async function checkSpec({ expected }: HostileCase, issue: number): Promise<void> {
  const ref = `gump/spec-${issue}`;
  const head = await town.head(`heads/${ref}`);
  if (head === null) return expect(expected.spec).toBeUndefined();
  const { data } = await town.as('acme').request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
    ...{ ...repository, tree_sha: head },
    recursive: '1',
  });
  const files = data.tree.filter(({ type }) => type === 'blob').map(({ path }) => path ?? '');
  expect(files).toEqual([expect.stringMatching(new RegExp(`^specs/${issue}(-[a-z0-9-]+)?/spec\\.md$`))]);
  const text = expected.starts ? await frozen(town, issue) : await town.fileAt(ref, files[0] ?? '');
  expect(text).not.toMatch(/[\u0000\u001b\u200b\u202e\u2066]|[\u{e0000}-\u{e0fff}]/u);
  for (const part of expected.spec?.has ?? []) expect(text).toContain(part);
  for (const pattern of expected.spec?.lacks ?? []) expect(text).not.toMatch(pattern);
}

/** Whatever was written, what we answer is short, ours, and does nothing. */
async function checkComments({ expected, comment }: HostileCase, issue: number): Promise<void> {
  const ours = (await town.comments(issue)).filter(({ login }) => login === town.app.login);
  const all = ours.map(({ body }) => body).join('\n\n');
  if (expected.silent) expect(all).toBe('');
  for (const part of expected.says ?? [])
    expect(all).toMatch(typeof part === 'string' ? new RegExp(escaped(part)) : part);
  expect(
    ours.filter(({ body }) => body.startsWith(`<!-- gump:status issue-${issue} -->`)).length,
  ).toBeLessThanOrEqual(1);
  expect(all.match(/<!-- gump:spec -->/g)?.length ?? 0).toBeLessThanOrEqual(1);
  expect(all.match(/<!-- \/gump:spec -->/g)?.length ?? 0).toBeLessThanOrEqual(1);
  expect(ours.length).toBeLessThanOrEqual(comment ? 2 : 1);
  const mentions = ['rudi', 'tris', 'wilma', 'wi1ma', 'gump'];
  for (const { body } of ours) {
    expect(body.length).toBeLessThanOrEqual(65_536);
    const isRefusal = body.startsWith('<!-- gump:refused ');
    expect(
      liveIn(body, { links: [town.standin.url], mentions: isRefusal ? mentions : [], folds: true }),
    ).toEqual([]);
  }
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
}
