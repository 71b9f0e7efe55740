/** Reviews of one gate over several attempts: what a person sees on the pull request's lines. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Event, Fact } from '../../../src/events/event.ts';
import type { Finding } from '../../../src/workflow/workflow.ts';
import { createWorld, repositoryOf, until, type World } from './deliver.fixture.ts';
import { attempt, createRecorder, ended, judged, made, planOf, started } from './run.fixture.ts';

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.close();
});

const step = 'decompose/piece-1/converge';
const path = 'src/a.js';
const timing = { commentGapMs: 1, settleGapMs: 1, rollUpGapMs: 1, quickGateMs: 0 } as const;

interface Session {
  /** One more attempt with this content and verdict; gives its commit when GitHub was told. */
  attempt(text: string, findings: readonly Finding[], verdict?: 'pass' | 'fail'): Promise<string>;
  end(status?: 'pass' | 'fail'): Promise<readonly Event[]>;
  readonly requests: { readonly total: number; readonly writes: number };
  readonly log: readonly string[];
}

async function begin(closeTimeoutMs = 20_000): Promise<Session> {
  const plan = planOf(world.base);
  const recorder = createRecorder();
  const { sink, requests, log } = world.sink({ timing: { ...timing, closeTimeoutMs } });
  await sink.open(plan, []);
  const say = (...facts: readonly Fact[]): void => {
    for (const event of recorder.add(...facts)) sink.event(event);
  };
  say(started(plan), {
    type: 'task_started',
    step: 'decompose',
    task: 'piece-1',
    index: 1,
    base: world.base,
  });
  let number = 0;
  let head = world.base;
  return {
    requests,
    log,
    async attempt(text, findings, verdict = findings.length > 0 ? 'fail' : 'pass') {
      number += 1;
      const base = head;
      head = await world.commit(path, text);
      say(attempt({ step, attempt: number, base }), made({ step, attempt: number, commit: head }));
      sink.published(head);
      say(
        ...judged({
          step,
          attempt: number,
          gate: 'review',
          commit: head,
          verdict,
          comments: `try ${number}`,
          findings,
        }),
      );
      return head;
    },
    async end(status = 'pass') {
      say(ended(head, status));
      await sink.close();
      expect(world.standin.violations).toEqual([]);
      return recorder.events;
    },
  };
}

const repository = () => repositoryOf(world.standin);
const reviews = () => [...repository().reviews.values()];
const reviewed = (count: number) => until(() => reviews().length === count);
const states = () => threads().map((one) => one.split(' ').at(-1));
/** `line text state`, a thread each. */
const threads = () =>
  [...repository().review_threads.values()].map((thread) => {
    const comment = [...repository().review_comments.values()].find((one) => one.thread_id === thread.id);
    const text = comment?.body.split('\n').slice(1).join(' ');
    return `${comment?.line ?? 'outdated'} ${text} ${thread.resolved_by === null ? 'open' : 'resolved'}`;
  });

function dismiss(index: number): void {
  const thread = [...repository().review_threads.values()][index];
  const person = world.standin.state.users.get('octo');
  if (!thread || !person) throw new Error('There is no such thread, or nobody to resolve it.');
  thread.resolved_by = person;
}

const lines = (count: number, name = 'line') =>
  Array.from({ length: count }, (_, at) => `${name} ${at + 1}\n`).join('');
const total = 'const total = sum(items);\n';
const found = (line: number, body = 'total may be NaN where items is empty.'): Finding => ({
  path,
  line,
  body,
});

test('a finding that moves by lines keeps its one thread, which is resolved when the finding is gone', async () => {
  const run = await begin();
  await run.attempt(total, [found(1)]);
  await reviewed(1);
  expect(threads()).toEqual(['1 total may be NaN where items is empty. open']);
  await run.attempt(lines(7) + total, [found(8)]);
  await reviewed(2);
  expect(threads()).toEqual(['8 total may be NaN where items is empty. open']);
  expect(reviews().map(({ body }) => body.includes('still open: [`src/a.js:8`]'))).toEqual([false, true]);
  await run.attempt(lines(7), []);
  await run.end();
  expect(states()).toEqual(['resolved']);
  expect(reviews()).toHaveLength(2);
  expect(reviews().map(({ state }) => state)).toEqual(['COMMENTED', 'COMMENTED']);
  expect(run.log).toEqual([]);
});

test('a finding in other words on the same line of code is no second thread; another one on it is', async () => {
  const run = await begin();
  await run.attempt(total, [found(1)]);
  await reviewed(1);
  const again = found(1, 'Where items is empty total may be NaN: check it.');
  await run.attempt(total + lines(1), [again, found(1, 'Use reduce instead of a helper.')]);
  await run.end('fail');
  expect(threads()).toEqual([
    '1 total may be NaN where items is empty. open',
    '1 Use reduce instead of a helper. open',
  ]);
});

test('a finding that a person resolved does not come back, however often it is found; others do', async () => {
  const run = await begin();
  await run.attempt(total + lines(3), [found(1), found(3, 'Say it shorter.')]);
  await reviewed(1);
  dismiss(0);
  await run.attempt(lines(2, 'more') + total + lines(3), [found(3), found(5, 'Say it shorter.')]);
  await reviewed(2);
  expect(threads()).toEqual(['3 total may be NaN where items is empty. resolved', '5 Say it shorter. open']);
  expect(reviews()[1]?.body).toContain('Not repeated: 1 whose thread a person has resolved.');
  await run.attempt(lines(2, 'more') + total, [found(3)]);
  await run.end('fail');
  expect(states()).toEqual(['resolved', 'resolved']);
  // All that the last verdict found was dismissed: nothing is said.
  expect(reviews()).toHaveLength(2);
});

test('a finding that was gone and is there again is told again', async () => {
  const run = await begin();
  await run.attempt(total, [found(1)]);
  await reviewed(1);
  await run.attempt(lines(1), [{ path, line: 1, body: 'Where is the total?' }]);
  await until(() => states().join() === 'resolved,open');
  await run.attempt(total + lines(1), [found(1)]);
  await run.end('fail');
  expect(threads().map((one) => one.replace(/^\S+ /, ''))).toEqual([
    'total may be NaN where items is empty. resolved',
    'Where is the total? resolved',
    'total may be NaN where items is empty. open',
  ]);
});

test('a verdict that passed with remarks is a review too, and what is outside the diff stands in its body', async () => {
  const run = await begin();
  await run.attempt(
    total,
    [found(1, 'A name would help.'), { path: 'README.md', line: 1, body: 'Out.' }],
    'pass',
  );
  await run.end();
  expect(reviews()).toHaveLength(1);
  expect(reviews()[0]?.state).toBe('COMMENTED');
  expect(reviews()[0]?.body).toContain('passed, with remarks');
  expect(reviews()[0]?.body).toContain('- `README.md:1` Out.');
  expect(threads()).toEqual(['1 A name would help. open']);
});

test('a resumed run says nothing twice, and resolves what an earlier process could not', async () => {
  const run = await begin(300);
  await run.attempt(total, [found(1)]);
  await reviewed(1);
  const only = (_: string, at: string) => at.endsWith('/graphql');
  Object.assign(world.standin.faults, { rate: 1, kinds: ['500'], only });
  await run.attempt(lines(2), []);
  const events = await run.end();
  expect(states()).toEqual(['open']);
  world.standin.faults.rate = 0;
  for (const isFirst of [true, false]) {
    const resumed = world.sink({ timing });
    await resumed.sink.open(planOf(world.base), events);
    await resumed.sink.close();
    expect(resumed.log).toEqual([]);
    if (!isFirst) expect(resumed.requests.writes).toBe(0);
    expect(states()).toEqual(['resolved']);
    expect(reviews()).toHaveLength(1);
  }
});

test('a token that may not resolve threads reviews all the same, and says what it lacks once', async () => {
  const token = world.standin.createJobToken('octo/app', {
    ...{ checks: 'write', issues: 'write', pull_requests: 'write', contents: 'read' },
  });
  const plan = planOf(world.base);
  const { sink, log } = world.sink({ timing, token });
  const recorder = createRecorder();
  await sink.open(plan, []);
  const commits = [await world.commit(path, total), await world.commit(path, lines(2))];
  const facts = [
    started(plan),
    ...commits.flatMap((commit, at) => [
      made({ step, attempt: at + 1, commit }),
      ...judged({
        step,
        attempt: at + 1,
        gate: 'review',
        commit,
        verdict: 'fail',
        findings: [found(1, at === 0 ? 'One is wrong.' : 'All of it is.')],
      }),
    ]),
    ended(commits[1] ?? '', 'fail'),
  ];
  for (const event of recorder.add(...facts)) sink.event(event);
  for (const commit of commits) sink.published(commit);
  await sink.close();
  expect(reviews()).toHaveLength(2);
  expect(log.filter((line) => line.includes('contents: write'))).toHaveLength(1);
});
