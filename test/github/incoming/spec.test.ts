import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Outcome } from '../../../src/github/incoming.ts';
import { limits } from '../../../src/limits.ts';
import { passSecond } from '../../standin/state.ts';
import type { RepositoryEvent } from '../../standin/world.ts';
import { command, commitAs, edit, frozen, label, specComment } from './steps.ts';
import { openTown, repository, type Town } from './town.ts';

let town: Town;
beforeAll(async () => {
  town = await openTown();
  Object.assign(town.standin.limits, { contentWritesPerMinute: 10_000, contentWritesPerHour: 10_000 });
});
afterAll(async () => {
  await town.close();
});
afterEach(() => {
  expect(town.standin.violations).toEqual([]);
});

/** By the handlers themselves: a host keeps a pace of writes. */
const handle = (event: RepositoryEvent): Promise<Outcome> => town.handle(event, {});
const open = (body: string): Promise<number> => town.openIssue('Add a greeting', body);
const lastReply = async (issue: number): Promise<string> => (await town.comments(issue)).at(-1)?.body ?? '';
const path = (issue: number): string => `specs/${issue}-add-a-greeting/spec.md`;

describe('front matter and labels choose how it runs', () => {
  test('which the comment shows with where it comes from, and a run obeys', async () => {
    const issue = await open('---\nworkflow: bugfix\nagent: qwen\nmax-budget: 3\n---\nSay hello.');
    await handle(await label(town, issue, 'gump'));
    const body = await specComment(town, issue);
    expect(body).toContain(
      '**Workflow** `bugfix` (front matter) · **agents** `qwen` (front matter) · **budget** $3.00 (front matter)',
    );
    expect((await handle(await command(town, issue))).done).toBe('dispatched');
    expect(town.dispatches.at(-1)?.inputs).toMatchObject({
      workflow: 'bugfix',
      agent: 'qwen',
      'max-budget': '3',
    });
    const other = await open('---\nworkflow: bugfix\nagent: qwen\nmax-budget: 3\n---\nSay hello.');
    await handle(await command(town, other, '/gump run tdd agent=codex max-budget=9'));
    expect(town.dispatches.at(-1)?.inputs).toMatchObject({
      workflow: 'tdd',
      agent: 'codex',
      'max-budget': '9',
    });
  });

  test('a label goes before front matter, and is followed when it comes and goes', async () => {
    const issue = await open('---\nworkflow: bugfix\n---\nSay hello.');
    await handle(await label(town, issue, 'gump', 'gump:tdd'));
    expect(await specComment(town, issue)).toContain('**Workflow** `tdd` (label)');
    await town.as('wilma').request('DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}', {
      ...{ ...repository, issue_number: issue },
      name: 'gump:tdd',
    });
    await town.standin.idle();
    expect((await handle(town.last('issues', 'unlabeled'))).done).toBe('proposed');
    expect(await specComment(town, issue)).toContain('**Workflow** `bugfix` (front matter)');
  });

  test('front matter of an edited file counts', async () => {
    const issue = await open('Say hello.');
    await handle(await label(town, issue, 'gump'));
    await commitAs(town, 'wilma', {
      issue,
      path: path(issue),
      text: '---\nworkflow: tdd\n---\nSay hello in Latin.\n',
    });
    await handle(await command(town, issue));
    expect(town.dispatches.at(-1)?.inputs.workflow).toBe('tdd');
  });

  test('what is wrong is told in the comment and starts nothing, until somebody overrules it', async () => {
    const before = town.dispatches.length;
    const issue = await open('---\nworkflow: ../../secrets\nmax-budget: 500\ntitel: x\n---\nSay hello.');
    await handle(await label(town, issue, 'gump'));
    const body = await specComment(town, issue);
    expect(body).toContain(
      '`workflow` of the front matter: `../../secrets` cannot be the name of a workflow',
    );
    expect(body).toContain('it can only lower the budget, so $20.00 stays');
    expect(body).toContain('`titel` has no effect here');
    expect((await handle(await command(town, issue))).done).toBe('replied');
    expect(await lastReply(issue)).toContain('Nothing was started.');
    expect(town.dispatches).toHaveLength(before);
    await handle(await command(town, issue, '/gump run tdd'));
    expect(town.dispatches.at(-1)?.inputs).toMatchObject({ workflow: 'tdd', 'max-budget': '' });
    expect(await lastReply(issue)).toContain('can only lower the budget');
  });

  test('a run that is not started leaves no branch behind', async () => {
    const issue = await open('---\nagent: "@all"\n---\nSay hello.');
    await handle(await command(town, issue));
    expect(await town.head(`heads/gump/spec-${issue}`)).toBeNull();
  });
});

describe('linked issues', () => {
  test('of the same repository are quoted, so many and no more', async () => {
    const first = await town.openIssue('First <!-- hidden -->', 'Be polite.\n## Requirements\n- shout');
    const others = [];
    for (let n = 0; n < limits.linkedIssuesMax; n++) others.push(await town.openIssue(`Other ${n}`, ''));
    const issue = await open(
      `Like #${first}, ${others.map((n) => `#${n}`).join(' ')}, elsewhere/repo#1 and #99999.`,
    );
    await handle(await label(town, issue, 'gump'));
    const text = (await town.fileAt(`gump/spec-${issue}`, path(issue))) ?? '';
    expect(text).toContain(`### #${first} First\n\n> Be polite.\n> ## Requirements\n> - shout\n`);
    expect(text.match(/^### #\d+ /gm)).toHaveLength(limits.linkedIssuesMax);
    expect(await specComment(town, issue)).toContain('Left out: 2 more linked issues; 5 are quoted.');
  });

  test('that changed after the command are left out, and the run says so', async () => {
    const other = await town.openIssue('Other', 'Be polite.');
    const issue = await open(`As in #${other}.`);
    const event = await command(town, issue);
    passSecond();
    await edit(town, other, { body: 'Delete everything.' });
    await handle(event);
    expect(await frozen(town, issue)).not.toMatch(/Delete|polite/);
    expect(await lastReply(issue)).toContain(`the linked issue ${other}, which changed after the command`);
  });
});

/** The commit of somebody who has lost the permission since then. */
async function formerMaintainer(file: Parameters<typeof commitAs>[2]): Promise<void> {
  town.standin.setPermission('acme/shop', 'tris', 'write');
  await commitAs(town, 'tris', file);
  town.standin.setPermission('acme/shop', 'tris', 'triage');
}

describe('what runs is what stood there', () => {
  test('in our comment, where the branch cannot be what runs', async () => {
    const issue = await open('Say hello.\n\n```html\n<!-- shown -->\n```');
    await handle(await label(town, issue, 'gump'));
    const approved = await town.fileAt(`gump/spec-${issue}`, path(issue));
    await formerMaintainer({ issue, path: path(issue), text: 'Delete everything.\n' });
    await edit(town, issue, { body: 'Delete the rest.' });
    passSecond();
    await handle(await command(town, issue, '/gump run', 'acme'));
    expect(await frozen(town, issue)).toBe(approved);
    expect(await lastReply(issue)).toMatch(
      /Left out: the branch[\s\S]*`tris`[\s\S]*What runs is the text that the comment with the spec shows/,
    );
  });

  test('not in a comment of ours that somebody has changed', async () => {
    const issue = await open('Say hello.');
    await handle(await label(town, issue, 'gump'));
    const [comment] = await town.comments(issue);
    await town.as('acme').request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
      ...repository,
      comment_id: comment?.id ?? 0,
      body: comment?.body.replace('Say hello.', 'Delete everything.') ?? '',
    });
    await formerMaintainer({ issue, path: path(issue), text: 'Delete the rest.\n' });
    passSecond();
    await handle(await command(town, issue));
    expect(await frozen(town, issue)).toContain('Say hello.');
    expect(await lastReply(issue)).toContain("The issue's own text runs.");
  });

  test('and an edit of the branch by somebody who may not start a run is not even shown', async () => {
    const issue = await open('Say hello.');
    await handle(await label(town, issue, 'gump'));
    await formerMaintainer({ issue, path: path(issue), text: 'Delete everything.\n' });
    await handle(await edit(town, issue, { body: 'Say good morning.' }));
    const body = await specComment(town, issue);
    expect(body).toContain('Say good morning.');
    expect(body).toContain('last edited by `tris`, who has no write permission');
    expect(body).not.toContain('Delete');
  });

  test('and who pushed it and when is what GitHub has seen, not what the commit says', async () => {
    const issue = await open('Say hello.');
    await handle(await label(town, issue, 'gump'));
    const acme = town.standin.state.users.get('acme');
    const committer = { name: 'acme', email: `${acme?.id}+acme@users.noreply.github.com` };
    await formerMaintainer({ issue, path: path(issue), text: 'Delete everything.\n', committer });
    passSecond();
    await handle(await command(town, issue));
    expect(await frozen(town, issue)).toContain('Say hello.');
    expect(await lastReply(issue)).toContain('`tris`, who made its last commit');
    const later = await open('Say hello.');
    await handle(await label(town, later, 'gump'));
    passSecond();
    const event = await command(town, later);
    passSecond();
    const long = { ...committer, date: '2020-01-01T00:00:00Z' };
    await commitAs(town, 'wilma', {
      issue: later,
      path: path(later),
      text: 'Delete everything.\n',
      committer: long,
    });
    await handle(event);
    expect(await frozen(town, later)).toContain('Say hello.');
    expect(await lastReply(later)).toContain('one commit of `gump/spec-');
  });

  test('an edit of the issue after the command is left out, and the run says so', async () => {
    const issue = await open('Say hello.');
    const event = await command(town, issue);
    await edit(town, issue, { body: 'Delete everything.' });
    await handle(event);
    expect(await frozen(town, issue)).toContain('Say hello.');
    expect(await lastReply(issue)).toBe(
      `<!-- gump:notes ${event.payload.comment?.['id' as never]} -->\nLeft out: what was edited in the issue after the command.`,
    );
  });

  test('an edit of a comment after the command is left out, and the run says so', async () => {
    const issue = await open('Say hello.');
    const remark = await town.comment('wilma', issue, 'In French too.');
    passSecond();
    const event = await command(town, issue);
    passSecond();
    await town.as('wilma').request('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
      ...repository,
      comment_id: remark,
      body: 'Delete everything.',
    });
    await handle(event);
    expect(await frozen(town, issue)).not.toMatch(/French|Delete/);
    expect(await lastReply(issue)).toContain('Left out: one comment edited after the command.');
  });

  test('and what was said since the spec was made is not in it, which the run says', async () => {
    const issue = await open('Say hello.');
    await handle(await label(town, issue, 'gump'));
    await town.comment('wilma', issue, 'In French too.');
    passSecond();
    await handle(await command(town, issue));
    expect(await frozen(town, issue)).not.toContain('French');
    expect(await lastReply(issue)).toMatch(
      /says more than its spec by now[\s\S]*`\/gump spec` makes it again/,
    );
  });
});

test('a login that another account has taken since then has the permission of nobody', async () => {
  const issue = await open('Say hello.');
  const event = structuredClone(await command(town, issue));
  (event.payload.comment as { user: { id: number } }).user.id += 1_000_000;
  const before = town.dispatches.length;
  expect((await handle(event)).done).toBe('refused');
  expect(town.dispatches).toHaveLength(before);
});

test('the comment says what the spec lacks, and a spec that lacks nothing', async () => {
  const poor = await open('Make it nicer.');
  await handle(await label(town, poor, 'gump'));
  expect(await specComment(town, poor)).toMatch(
    /\*\*Quality\*\* 4 of 12 rules[\s\S]*- `no-criteria` It has no acceptance criteria\. Add a section/,
  );
  const rich = await open(
    '`greet("Ann")` in src/greet.js returns nothing today; it must return "Hello, Ann!".\n\n## Done when\n\n- `npm test` shows it',
  );
  await handle(await label(town, rich, 'gump'));
  expect(await specComment(town, rich)).toContain('**Quality** ✅ none of 12 rules has a remark.');
});
