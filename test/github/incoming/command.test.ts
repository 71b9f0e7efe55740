import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readFrozenSpec } from '../../../src/github/issue-spec/freeze.ts';
import { passSecond } from '../../standin/state.ts';
import type { RepositoryEvent } from '../../standin/world.ts';
import { hostName } from './host.ts';
import { intercept, mortal } from './mortal.ts';
import { edit } from './steps.ts';
import { openTown, repository, type Town } from './town.ts';

let town: Town;
beforeEach(async () => {
  town = await openTown();
});
afterEach(async () => {
  expect(town.standin.violations).toEqual([]);
  await town.close();
});

interface Said {
  readonly issue: number;
  readonly comment: number;
  readonly event: RepositoryEvent;
}

async function say(body: string, login: Parameters<Town['as']>[0] = 'wilma', on?: number): Promise<Said> {
  const issue = on ?? (await town.openIssue('Add a greeting', 'Say hello.'));
  const comment = await town.comment(login, issue, body);
  return { issue, comment, event: town.last('issue_comment', 'created') };
}

async function frozen(issue: number): Promise<string> {
  const inputs = town.dispatches.at(-1)?.inputs;
  const { 'spec-commit': commit, 'spec-hash': hash } = JSON.parse(inputs?.order ?? '{}');
  return (await readFrozenSpec(town.app.client, { ...repository, issue, commit, hash })).text;
}

async function label(issue: number): Promise<void> {
  await town.as('wilma').request('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
    ...repository,
    issue_number: issue,
    labels: ['gump'],
  });
  await town.handle(town.last('issues', 'labeled'));
}

describe('/gump run starts one run', () => {
  test('with the frozen spec, a run id made of the comment, and the options', async () => {
    const { issue, comment, event } = await say(
      '/gump run tdd agent=claude-opus max-budget=5 max-parallel=2 base=main',
    );
    expect((await town.handle(event)).done).toBe('dispatched');
    expect(town.dispatches).toHaveLength(1);
    const [dispatch] = town.dispatches;
    expect(dispatch).toMatchObject({ workflowPath: '.github/workflows/gump.yml', ref: 'refs/heads/main' });
    expect(dispatch?.inputs).toMatchObject({
      ...{ command: 'run', issue: String(issue), 'run-id': `issue-${issue}-${comment}`, workflow: 'tdd' },
      ...{ agent: 'claude-opus', 'max-budget': '5', 'max-parallel': '2', base: 'main' },
    });
    expect(await frozen(issue)).toContain('Say hello.');
    expect((await town.reactions(comment)).toSorted()).toEqual(['eyes', 'rocket']);
  });

  test('however often and at how many places its webhook arrives', async () => {
    const { issue, comment, event } = await say('/gump run');
    await Promise.all([town.handle(event), town.handle(event), town.handle(event)]);
    for (let replay = 0; replay < 3; replay++) expect((await town.handle(event)).done).toBe('ignored');
    const takeover = { config: town.config({ takeoverAfterMs: 0 }) };
    expect((await town.handle(event, takeover)).done).toBe('ignored');
    expect(town.dispatches).toHaveLength(1);
    expect(await town.reactions(comment)).toHaveLength(2);
    // The command itself and the one comment with the spec.
    expect(await town.comments(issue)).toHaveLength(2);
  });

  test('with the workflow of the label where the command names none', async () => {
    const issue = await town.openIssue('Add a greeting', 'Say hello.');
    await town.as('wilma').request('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
      ...repository,
      issue_number: issue,
      labels: ['gump:tdd'],
    });
    const { event } = await say('/gump run', 'wilma', issue);
    await town.handle(event);
    expect(town.dispatches[0]?.inputs.workflow).toBe('tdd');
  });

  test('as dry-run when asked to', async () => {
    const { event } = await say('/gump run dry-run');
    await town.handle(event);
    expect(town.dispatches[0]?.inputs.command).toBe('dry-run');
  });
});

describe('what runs is what stood there when the command came', () => {
  test('the spec branch as a person with write permission left it', async () => {
    const issue = await town.openIssue('Add a greeting', 'Say hello.');
    await label(issue);
    await commitAs('wilma', issue, 'Say hello in Latin.\n');
    const { event } = await say('/gump run', 'wilma', issue);
    await town.handle(event);
    expect(await frozen(issue)).toContain('Latin');
    expect(JSON.parse(town.dispatches[0]?.inputs.order ?? '{}')['spec-commit']).toBe(
      await town.head(`heads/gump/spec-${issue}`),
    );
  });

  test('not what was pushed to the branch afterwards, which the answer says', async () => {
    const issue = await town.openIssue('Add a greeting', 'Say hello.');
    await label(issue);
    const { event } = await say('/gump run', 'wilma', issue);
    passSecond();
    await commitAs('wilma', issue, 'Delete everything.\n');
    await town.handle(event);
    expect(await frozen(issue)).toContain('Say hello.');
    expect((await town.comments(issue)).at(-1)?.body).toContain(
      'one commit of `gump/spec-1` made after the command',
    );
  });

  test('not a branch whose last pusher lost write permission', async () => {
    const issue = await town.openIssue('Add a greeting', 'Say hello.');
    await label(issue);
    await commitAs('wilma', issue, 'Delete everything.\n');
    town.standin.setPermission('acme/shop', 'wilma', 'read');
    const { event } = await say('/gump run', 'acme', issue);
    await town.handle(event);
    expect(await frozen(issue)).toContain('Say hello.');
    expect((await town.comments(issue)).at(-1)?.body).toContain('`wilma`, who made its last commit');
    expect(await town.fileAt(`gump/spec-${issue}`, specFile(issue))).toContain('Delete everything.');
  });

  test('not an issue or a comment that was edited afterwards', async () => {
    const issue = await town.openIssue('Add a greeting', 'Say hello.');
    const remark = await town.comment('wilma', issue, 'In French too.');
    passSecond();
    const { event } = await say('/gump run', 'wilma', issue);
    passSecond();
    const client = town.as('wilma');
    await client.request('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      ...repository,
      issue_number: issue,
      body: 'Delete everything.',
    });
    await town.comment('wilma', issue, 'And delete the rest.');
    await town.handle(event);
    const text = await frozen(issue);
    expect(text).toContain('Say hello.');
    expect(text).toContain('In French too.');
    expect(text).not.toMatch(/delete/i);
    expect(remark).toBeGreaterThan(0);
  });

  test('and a spec that is not the frozen one is refused', async () => {
    const { issue, event } = await say('/gump run');
    await town.handle(event);
    const { 'spec-commit': commit } = JSON.parse(town.dispatches[0]?.inputs.order ?? '{}');
    const read = readFrozenSpec(town.app.client, { ...repository, issue, commit, hash: '0'.repeat(64) });
    await expect(read).rejects.toThrow(/The spec was not taken/);
  });
});

describe('who may not command', () => {
  test.each(['rudi', 'tris'] as const)('%s gets one sentence for all commands, and no run', async (login) => {
    const { issue, event } = await say('/gump run', login);
    expect((await town.handle(event)).done).toBe('refused');
    for (const body of ['/gump run', '/gump stop', '/gump frobnicate']) {
      await town.handle((await say(body, login, issue)).event);
    }
    const ours = (await town.comments(issue)).filter((comment) => comment.login === town.app.login);
    expect(ours).toHaveLength(1);
    expect(ours[0]?.body).toMatch(/a command needs write permission in this repository/);
    expect(town.dispatches).toEqual([]);
  });

  test('a person who lost the permission after commenting', async () => {
    const { event } = await say('/gump run');
    town.standin.setPermission('acme/shop', 'wilma', 'read');
    expect((await town.handle(event)).done).toBe('refused');
    expect(town.dispatches).toEqual([]);
  });
});

describe('an answer instead of a run', () => {
  test.each([
    ['/gump help', 'Commands are the first line'],
    ['/gump', 'Commands are the first line'],
    ['/gump status', 'No run of this issue is known'],
    ['/gump resume', 'no run of this issue has a ledger yet'],
    ['/gump fix', 'this issue has no open pull request of ours'],
    ['/gump runn', 'did you mean `run`?'],
    ['/gump run agnt=x', 'did you mean `agent`?'],
  ])('%s', async (body, part) => {
    const { issue, event } = await say(body);
    await town.handle(event);
    await town.handle(event, { config: town.config({ takeoverAfterMs: 0 }) });
    const ours = (await town.comments(issue)).filter((comment) => comment.login === town.app.login);
    expect(ours).toHaveLength(1);
    expect(ours[0]?.body).toContain(part);
    expect(town.dispatches).toEqual([]);
  });

  test('for a workflow that the host does not know', async () => {
    const { issue, event } = await say('/gump run nosuch');
    const problem = 'There is no workflow `nosuch`.';
    const describeWorkflow = async () => ({
      name: 'implement-spec',
      agents: [],
      maxBudgetUsd: null,
      problem,
    });
    await town.handle(event, { config: town.config({ describeWorkflow }) });
    expect((await town.comments(issue)).at(-1)?.body).toContain(problem);
    expect(town.dispatches).toEqual([]);
  });

  test('where the workflow file is missing, with the way to mend it', async () => {
    await town.close();
    town = await openTown({ workflow: false });
    const { issue, comment, event } = await say('/gump run');
    expect((await town.handle(event)).done).toBe('replied');
    expect((await town.comments(issue)).at(-1)?.body).toMatch(
      /There is no `.github\/workflows\/gump.yml`.*template/,
    );
    expect(await town.reactions(comment)).toEqual(['eyes']);
  });
});

describe('/gump resume', () => {
  test('continues the newest run whose ledger was pushed', async () => {
    const { issue } = await say('hello');
    for (const id of [900, 1200, 99]) await makeRef(`refs/gump/runs/issue-${issue}-${id}`);
    await makeRef(`refs/gump/runs/issue-${issue}1-5000`);
    const { event } = await say('/gump resume', 'wilma', issue);
    expect((await town.handle(event)).done).toBe('dispatched');
    expect(town.dispatches[0]?.inputs).toMatchObject({ command: 'resume', 'run-id': `issue-${issue}-1200` });
  });
});

describe('a command on a pull request', () => {
  test('of ours is a command of its issue, and is answered where it stands', async () => {
    const { issue } = await say('hello');
    const pull = await openPull(`gump/issue-${issue}`);
    passSecond();
    const { comment, event } = await say('/gump run', 'wilma', pull);
    expect((await town.handle(event)).done).toBe('dispatched');
    expect(town.dispatches[0]?.inputs).toMatchObject({
      issue: String(issue),
      'run-id': `issue-${issue}-${comment}`,
    });
    expect(await frozen(issue)).toContain('Say hello.');
    const told = await say('/gump status', 'wilma', pull);
    await town.handle(told.event);
    expect((await town.comments(pull)).at(-1)?.body).toContain('pull request: #');
  });

  test('starts nothing of an issue without a spec that changed since: nobody knows what it said then', async () => {
    const { issue } = await say('hello');
    const pull = await openPull(`gump/issue-${issue}`);
    const { event } = await say('/gump run', 'wilma', pull);
    passSecond();
    await edit(town, issue, { body: 'Delete everything.' });
    expect((await town.handle(event)).done).toBe('replied');
    expect((await town.comments(pull)).at(-1)?.body).toContain('it cannot be told what it said then');
    expect(town.dispatches).toEqual([]);
  });

  test.each(['feature', 'gump/issue-999', 'gump/issue-0', 'gump/issue-1x'])(
    'whose branch is %s gets one honest sentence',
    async (branch) => {
      await town.openIssue('Add a greeting', 'Say hello.');
      const pull = await openPull(branch);
      const { event } = await say('/gump run', 'wilma', pull);
      expect((await town.handle(event)).done).toBe('replied');
      expect((await town.comments(pull)).at(-1)?.body).toContain("this pull request is none of Gump's");
      expect(town.dispatches).toEqual([]);
    },
  );

  // Anybody can name a branch of their fork like one of ours.
  test.skipIf(hostName() === 'action').each([
    ['of a fork', { id: 4711 }],
    ['of a fork that is gone', null],
  ])('%s is none of ours, whatever its branch is called', async (_, repo) => {
    const { issue } = await say('hello');
    const pull = await openPull(`gump/issue-${issue}`);
    const { event } = await say('/gump run', 'wilma', pull);
    const client = intercept(town.app.client, async (route, send) => {
      const answer = (await send()) as { readonly data: { readonly head: object } };
      if (!route.endsWith('/pulls/{pull_number}')) return answer;
      return { ...answer, data: { ...answer.data, head: { ...answer.data.head, repo } } };
    });
    expect((await town.handle(event, { client })).done).toBe('replied');
    expect((await town.comments(pull)).at(-1)?.body).toContain("this pull request is none of Gump's");
    expect(town.dispatches).toEqual([]);
  });
});

// The handlers alone, whoever hosts them.
describe.skipIf(hostName() === 'action')('a crash', () => {
  test('between any two requests gives one comment and one run after the event came again', async () => {
    // Twenty lives in one minute: the limits of GitHub are not the subject here.
    Object.assign(town.standin.limits, { contentWritesPerMinute: 10_000, contentWritesPerHour: 10_000 });
    let total = Number.POSITIVE_INFINITY;
    for (let survived = 0; survived < total; survived++) {
      const { issue, comment, event } = await say('/gump run');
      const before = town.dispatches.length;
      const dying = mortal(town.app.client, survived);
      await town.handle(event, { client: dying.client }).catch(() => undefined);
      if (!dying.died()) total = survived;
      await town.handle(event, { config: town.config({ takeoverAfterMs: 0 }) });
      const runs = town.dispatches.slice(before).map(({ inputs }) => inputs['run-id']);
      // Between the dispatch and its 🚀 only the run's own id keeps a second job from doing anything.
      expect(new Set(runs)).toEqual(new Set([`issue-${issue}-${comment}`]));
      expect(runs.length).toBeLessThanOrEqual(dying.dispatched() ? 2 : 1);
      const ours = (await town.comments(issue)).filter(({ login }) => login === town.app.login);
      expect(ours.filter(({ body }) => body.includes('gump:status'))).toHaveLength(1);
      expect((await town.reactions(comment)).toSorted()).toEqual(['eyes', 'rocket']);
    }
    expect(total).toBeGreaterThan(8);
  }, 240_000);

  test('of a request alone gives the lock back, so that the next try goes on', async () => {
    const { event } = await say('/gump run');
    let failed = false;
    const client = intercept(town.app.client, async (route, send) => {
      if (!failed && route.includes('/permission')) {
        failed = true;
        throw new Error('connection lost');
      }
      return await send();
    });
    await expect(town.handle(event, { client })).rejects.toThrow('connection lost');
    expect((await town.handle(event)).done).toBe('dispatched');
  });
});

const specFile = (issue: number): string => `specs/${issue}-add-a-greeting/spec.md`;

async function makeRef(ref: string): Promise<void> {
  const sha = await town.head('heads/main');
  await town
    .as('acme')
    .request('POST /repos/{owner}/{repo}/git/refs', { ...repository, ref, sha: sha ?? '' });
}

/** A pull request with one commit of its own. */
async function openPull(branch: string): Promise<number> {
  const client = town.as('wilma');
  const base = await town.head('heads/main');
  const tree = await client.request('POST /repos/{owner}/{repo}/git/trees', {
    ...repository,
    base_tree: base ?? '',
    tree: [{ path: 'greeting.txt', mode: '100644', type: 'blob', content: 'Hello\n' }],
  });
  const commit = await client.request('POST /repos/{owner}/{repo}/git/commits', {
    ...repository,
    message: 'greet',
    tree: tree.data.sha,
    parents: [base ?? ''],
  });
  await client.request('POST /repos/{owner}/{repo}/git/refs', {
    ...repository,
    ref: `refs/heads/${branch}`,
    sha: commit.data.sha,
  });
  const made = await client.request('POST /repos/{owner}/{repo}/pulls', {
    ...{ ...repository, title: 'Greet', head: branch, base: 'main' },
  });
  return made.data.number;
}

async function commitAs(login: 'wilma', issue: number, text: string): Promise<void> {
  const client = town.as(login);
  const parent = await town.head(`heads/gump/spec-${issue}`);
  const tree = await client.request('POST /repos/{owner}/{repo}/git/trees', {
    ...repository,
    tree: [{ path: specFile(issue), mode: '100644', type: 'blob', content: text }],
  });
  const commit = await client.request('POST /repos/{owner}/{repo}/git/commits', {
    ...repository,
    message: 'edit',
    tree: tree.data.sha,
    parents: [parent ?? ''],
  });
  await client.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
    ...repository,
    ref: `heads/gump/spec-${issue}`,
    sha: commit.data.sha,
  });
}
