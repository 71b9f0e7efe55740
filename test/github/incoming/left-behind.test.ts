/** Without an App nobody is told again: what a job left that died is finished behind the event of a later one. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { passSecond } from '../../standin/state.ts';
import { useHost } from './host.ts';
import { mortal } from './mortal.ts';
import { label } from './steps.ts';
import { openTown, repository, type Town } from './town.ts';

useHost('action');

let town: Town;
beforeAll(async () => {
  town = await openTown();
});
afterAll(async () => {
  expect(town.standin.violations).toEqual([]);
  await town.close();
});
beforeEach(() => {
  town.dispatches.length = 0;
  Object.assign(town.standin.limits, { contentWritesPerMinute: 10_000, contentWritesPerHour: 10_000 });
});

/** As if everything so far had happened two minutes ago. */
function letTimePass(): void {
  const earlier = (time: string) => `${new Date(Date.parse(time) - 120_000).toISOString().slice(0, 19)}Z`;
  const shop = town.standin.state.repositories.get('acme/shop');
  for (const one of [...(shop?.comments.values() ?? []), ...(shop?.reactions.values() ?? [])]) {
    const created_at = earlier(one.created_at);
    Object.assign(one, {
      created_at,
      ...('updated_at' in one ? { updated_at: earlier(one.updated_at) } : {}),
    });
  }
}

async function proposed(): Promise<number> {
  const issue = await town.openIssue('Add a greeting', 'Say hello.');
  await town.handle(await label(town, issue, 'gump'));
  passSecond();
  return issue;
}

/** Somebody says something else, on another issue. */
async function another(): Promise<void> {
  const issue = await town.openIssue('Another', 'Something else.');
  await town.comment('wilma', issue, '/gump help');
  await town.handle(town.last('issue_comment', 'created'));
}

async function diesBehind(requests: number, action: 'created' | 'edited'): Promise<void> {
  const { client } = mortal(town.app.client, requests);
  const event = town.last('issue_comment', action);
  await town.handle(event, { client, claims: new Set() }).catch(() => undefined);
}

const runs = () => town.dispatches.map(({ inputs }) => inputs['run-id']);

test('a command whose job died is carried out by the next job, once', async () => {
  const issue = await proposed();
  const comment = await town.comment('wilma', issue, '/gump run');
  await diesBehind(4, 'created');
  expect(await town.reactions(comment)).toEqual(['eyes']);
  await another();
  expect(runs()).toEqual([]);
  letTimePass();
  await another();
  expect(runs()).toEqual([`issue-${issue}-${comment}`]);
  expect((await town.reactions(comment)).toSorted()).toEqual(['eyes', 'rocket']);
  letTimePass();
  await another();
  expect(runs()).toHaveLength(1);
});

test('a command that no job has ever seen is carried out too, and its author asked for the right anew', async () => {
  const issue = await proposed();
  const comment = await town.comment('wilma', issue, '/gump run');
  const other = await town.comment('rudi', issue, '/gump stop');
  letTimePass();
  await another();
  expect(runs()).toEqual([`issue-${issue}-${comment}`]);
  expect(await town.reactions(other)).toEqual(['confused']);
  const before = town.standin.state.requests.length;
  letTimePass();
  await another();
  const asked = town.standin.state.requests.slice(before).map(({ path }) => path);
  expect(asked.filter((path) => path.includes('rudi'))).toEqual([]);
});

test.each([
  ['somebody else has marked as answered', 'reply', () => town.as('rudi')],
  ['was told of on the way to its job only', 'notes', () => town.app.client],
] as const)('what %s is carried out all the same', async (_what, purpose, writer) => {
  const issue = await proposed();
  const comment = await town.comment('wilma', issue, '/gump run');
  await writer().request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
    ...{ ...repository, issue_number: issue, body: `<!-- gump:${purpose} ${comment} -->\nDone.` },
  });
  letTimePass();
  await another();
  expect(runs()).toEqual([`issue-${issue}-${comment}`]);
});

test('a tick whose job died behind its comment is carried out for whoever ticked', async () => {
  const issue = await proposed();
  const status = (await town.comments(issue)).find(({ body }) => body.includes('gump:status'));
  await town.as('wilma').request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    ...{ ...repository, comment_id: status?.id ?? 0 },
    body: status?.body.replace('- [ ] run', '- [x] run') ?? '',
  });
  await diesBehind(4, 'edited');
  const act = (await town.comments(issue)).find(({ body }) => body.includes('gump:act'));
  expect(runs()).toEqual([]);
  letTimePass();
  await another();
  expect(runs()).toEqual([`issue-${issue}-${act?.id}`]);
  expect(JSON.parse(town.dispatches[0]?.inputs.order ?? '{}').by).toBe('wilma');
});

test('an edited comment and a copy of our own mark are no commands', async () => {
  const issue = await proposed();
  const edited = await town.comment('wilma', issue, 'Hello.');
  await town.comment(
    'rudi',
    issue,
    '<!-- gump:act 1 x run -->\n`wilma` ticked a box: `/gump run`\n<!-- gump:by 2 -->',
  );
  passSecond();
  await town.as('wilma').request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
    ...{ ...repository, comment_id: edited, body: '/gump run' },
  });
  letTimePass();
  await another();
  expect(runs()).toEqual([]);
});

test('without a spec nobody knows what was meant then: the author is told to say it again', async () => {
  const issue = await town.openIssue('Add a greeting', 'Say hello.');
  await town.comment('wilma', issue, '/gump run');
  letTimePass();
  await town.as('rudi').request('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
    ...{ ...repository, issue_number: issue, body: 'Delete everything.' },
  });
  await another();
  expect(runs()).toEqual([]);
  expect((await town.comments(issue)).at(-1)?.body).toMatch(
    /was not handled when it came[\s\S]*Comment the command again/,
  );
  letTimePass();
  await another();
  expect(await town.comments(issue)).toHaveLength(2);
});

test('of two jobs that find the same command left behind one carries it out', async () => {
  const issue = await proposed();
  const comment = await town.comment('wilma', issue, '/gump run');
  const event = town.last('issue_comment', 'created');
  await diesBehind(4, 'created');
  letTimePass();
  const outcomes = await Promise.all([1, 2, 3].map(() => town.handle(event, { claims: new Set() })));
  expect(runs()).toEqual([`issue-${issue}-${comment}`]);
  expect(outcomes.filter(({ done }) => done === 'dispatched')).toHaveLength(1);
});
