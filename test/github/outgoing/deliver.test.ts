import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Fact } from '../../../src/events/event.ts';
import { specEnd, specStart, statusMarker } from '../../../src/github/markers.ts';
import { gapMs } from '../../../src/github/outgoing/comments.ts';
import { createWorld, patienceMs, permissions, tell, until, type World } from './deliver.fixture.ts';
import {
  attempt,
  createRecorder,
  type Entry,
  ended,
  judged,
  made,
  planOf,
  simulate,
  started,
} from './run.fixture.ts';

vi.setConfig({ testTimeout: 2 * patienceMs, hookTimeout: patienceMs });

let world: World;
beforeEach(async () => {
  world = await createWorld();
});
afterEach(async () => {
  await world.close();
});

async function shown() {
  const dump = await world.standin.dump();
  const sorted = (lines: string[]): string[] => lines.sort();
  return {
    checks: sorted(
      dump.check_runs.map(
        (run) => `${run.head_sha} ${run.name} ${run.status} ${run.conclusion} ${run.external_id}`,
      ),
    ),
    comments: dump.comments.map((comment) => String(comment.body)),
    pulls: dump.pulls.map((pull) => ({
      title: pull.title,
      draft: pull.draft,
      body: String(pull.body).replaceAll(world.standin.url, 'URL'),
    })),
    reviews: dump.reviews.map((review) => ({
      commit: review.commit_id,
      state: review.state,
      body: String(review.body),
    })),
    remarks: dump.review_comments.map((one) => ({
      path: one.path,
      line: one.line ?? one.original_line,
      body: String(one.body),
    })),
  };
}

async function run(
  options: { tasks?: number; attempts?: number; smokes?: number; status?: 'pass' | 'fail' } = {},
) {
  const plan = planOf(world.base);
  const entries = await simulate({ plan, tasks: 2, attempts: 2, ...options, commit: world.commit });
  return { plan, entries };
}

const headOf = (entries: readonly Entry[]): string =>
  entries.flatMap((one) => ('published' in one ? [one.published] : [])).at(-1) ?? '';

describe('a run that passes', () => {
  test('is shown by checks, reviews, one comment on the issue and a pull request that is ready for review', async () => {
    const { plan, entries } = await run();
    const { sink, log } = world.sink();
    await tell(sink, plan, entries);
    await sink.close();
    const { checks, comments, pulls, reviews, remarks } = await shown();
    const head = headOf(entries);
    expect(log).toEqual([]);
    expect(world.standin.violations).toEqual([]);
    expect(checks.filter((line) => !line.includes(' completed '))).toEqual([]);
    expect(checks.filter((line) => line.includes(' gump completed success '))).toHaveLength(1);
    for (const entry of entries) {
      if (!('fact' in entry) || !/^gate_(passed|failed)$/.test(entry.fact.type) || !('gate' in entry.fact))
        continue;
      const { commit, step, attempt, gate, type } = entry.fact as Extract<
        typeof entry.fact,
        { type: 'gate_passed' }
      >;
      const conclusion = type === 'gate_passed' ? 'success' : 'failure';
      expect(
        checks.some(
          (line) =>
            line.startsWith(`${commit} gump / `) &&
            line.endsWith(`completed ${conclusion} r1/${step}#${attempt}/${gate}`),
        ),
      ).toBe(true);
    }
    const onHead = checks
      .filter((line) => line.startsWith(head))
      .map((line) => line.split(' completed ')[0]?.slice(41));
    expect(onHead).toContain('gump / task-1 / converge / review');
    expect(onHead).toContain('gump / decompose / schema');
    expect(new Set(onHead).size).toBe(onHead.length);
    expect(pulls).toMatchObject([{ title: 'Greet people', draft: false }]);
    expect(pulls[0]?.body).toContain('Closes #1');
    expect(comments.filter((body) => body.startsWith(statusMarker('issue', 1)))).toHaveLength(1);
    expect(comments.filter((body) => body.startsWith(statusMarker('pull', 2)))).toHaveLength(1);
    expect(comments).toHaveLength(2);
    expect(comments[0]).toContain('Passed');
    expect(reviews.map(({ state }) => state)).toEqual(['COMMENTED', 'COMMENTED']);
    expect(remarks).toMatchObject([
      { path: 'src/piece-1.js', line: 1 },
      { path: 'src/piece-2.js', line: 1 },
    ]);
    expect(await sink.pullRequest()).toBe(2);
    expect(sink.degraded).toEqual([]);
  });

  test('that replays another one repeats no check of it', async () => {
    const { plan, entries } = await run({ tasks: 1, attempts: 2 });
    const at = entries.findIndex(
      (one) => 'fact' in one && one.fact.type === 'step_started' && one.fact.attempt === 2,
    );
    expect(at).toBeGreaterThan(0);
    const replayed = { fact: { type: 'run_replayed', run: 'r1', of: 'r0', from_step: 'decompose' } } as const;
    const { sink } = world.sink();
    await tell(sink, plan, [...entries.slice(0, at), replayed, ...entries.slice(at)]);
    await sink.close();
    const { checks } = await shown();
    expect(checks.filter((line) => line.includes('converge#1/'))).toEqual([]);
    expect(checks.filter((line) => line.includes('converge#2/')).length).toBeGreaterThan(0);
  });

  test('ten tasks of two attempts stay under 300 requests and 150 writes', async () => {
    const { plan, entries } = await run({ tasks: 10, attempts: 2, smokes: 1 });
    world.standin.limits.contentWritesPerMinute = 10_000;
    const { sink, requests } = world.sink({
      writesPerMinuteMax: 10_000,

      timing: { commentGapMs: 5, quickGateMs: 0, rollUpGapMs: 5, closeTimeoutMs: 240_000 },
    });
    await tell(sink, plan, entries);
    await sink.close();
    expect(requests.total).toBeLessThan(300);
    expect(requests.writes).toBeLessThan(150);
    expect(requests.writes).toBeGreaterThan(90);
    const { checks, pulls, reviews } = await shown();
    expect(checks.filter((line) => !line.includes(' completed '))).toEqual([]);
    expect(reviews).toHaveLength(10);
    expect(pulls[0]?.draft).toBe(false);
    expect(world.standin.violations).toEqual([]);
  });
});

test('the longest run of ten tasks, two attempts of both steps, stays under the limits too', async () => {
  const { plan, entries } = await run({ tasks: 10, attempts: 2, smokes: 2 });
  world.standin.limits.contentWritesPerMinute = 10_000;
  const { sink, requests } = world.sink({
    writesPerMinuteMax: 10_000,
    timing: { commentGapMs: 5, rollUpGapMs: 5 },
  });
  await tell(sink, plan, entries);
  await sink.close();
  expect(requests.total).toBeLessThan(300);
  expect(requests.writes).toBeLessThan(150);
  const { checks, comments } = await shown();
  const judging = checks.filter((line) => / gump \/ /.test(line));
  expect(judging.length).toBeGreaterThanOrEqual(1 + 10 * (2 * 3 + 2 * 2) + 3);
  expect(comments[0]).toContain('Passed');
});

test('the review of a parallel task comes when its commit is merged, on the lines of its own commit', async () => {
  const plan = planOf(world.base, { parallel: true });
  const side = await world.side('src/a.js');
  const step = 'decompose/piece-1/converge';
  const { sink, log } = world.sink();
  const recorder = createRecorder();
  await sink.open(plan, []);
  const say = (...facts: readonly Fact[]): void => {
    for (const event of recorder.add(...facts)) sink.event(event);
  };
  const findings = [{ path: 'src/a.js', line: 2, body: 'No.' }];
  say(started(plan), {
    type: 'task_started',
    step: 'decompose',
    task: 'piece-1',
    index: 1,
    base: world.base,
  });
  say(
    attempt({ step, attempt: 1, base: world.base, task: 'piece-1' }),
    made({ step, attempt: 1, commit: side }),
  );
  sink.published(side);
  say(
    ...judged({ step, attempt: 1, gate: 'review', commit: side, verdict: 'fail', comments: 'c', findings }),
  );
  await until(async () => (await shown()).checks.length === 1);
  expect((await shown()).pulls).toEqual([]);
  const merged = await world.merge(side, 'src/a.js');
  say({ type: 'task_merged', step: 'decompose', task: 'piece-1', commit: merged });
  sink.published(merged);
  await until(async () => (await shown()).reviews.length === 1);
  say(ended(merged, 'fail'));
  await sink.close();
  const { reviews, remarks, pulls } = await shown();
  expect(reviews).toMatchObject([{ commit: side, state: 'COMMENTED' }]);
  expect(remarks).toMatchObject([{ path: 'src/a.js', line: 2 }]);
  expect(pulls).toHaveLength(1);
  expect(log).toEqual([]);
  expect(world.standin.violations).toEqual([]);
});

test("the check gump begins on the run's first commit, whenever it is sent, and ends on the head alone", async () => {
  const { plan, entries } = await run({ tasks: 1 });
  const { sink } = world.sink();
  await tell(sink, plan, entries.slice(0, -1));
  await until(async () => (await shown()).checks.some((line) => line.includes(' gump in_progress ')));
  const [first] = entries.flatMap((one) => ('published' in one ? [one.published] : []));
  const open = (await shown()).checks.filter((line) => line.includes(' gump in_progress '));
  expect(open.map((line) => line.slice(0, 40))).toEqual([first]);
  for (const event of createRecorder().add(ended(headOf(entries)))) sink.event(event);
  await sink.close();
  const checks = (await shown()).checks.filter((line) => line.endsWith(' r1/gump'));
  expect(checks.sort()).toEqual(
    [`${first} gump completed cancelled r1/gump`, `${headOf(entries)} gump completed success r1/gump`].sort(),
  );
});

test('a run that fails leaves a draft that says so and does not close the issue', async () => {
  const { plan, entries } = await run({ tasks: 1, status: 'fail' });
  const { sink } = world.sink();
  await tell(sink, plan, entries);
  await sink.close();
  const { checks, pulls } = await shown();
  expect(pulls).toMatchObject([{ draft: true }]);
  expect(pulls[0]?.body).toContain('Refs #1');
  expect(pulls[0]?.body).not.toContain('Closes #1');
  expect(pulls[0]?.body).toContain('stays a draft');
  expect(checks.some((line) => line.includes(' gump completed failure '))).toBe(true);
});

test('a commit that was not announced has no check', async () => {
  const { plan, entries } = await run({ tasks: 1 });
  const { sink } = world.sink();
  const silent = entries.filter((one) => 'fact' in one);
  await tell(sink, plan, silent);
  await sink.close();
  const { checks, pulls } = await shown();
  expect(checks.map((line) => line.slice(0, 40))).toEqual([world.base]);
  expect(pulls).toEqual([]);
});

describe('a resumed run', () => {
  test('with everything there already sends no write again', async () => {
    const { plan, entries } = await run();
    const first = world.sink();
    const events = await tell(first.sink, plan, entries);
    await first.sink.close();
    const before = await shown();
    const second = world.sink();
    await second.sink.open(plan, events);
    await second.sink.close();
    expect(await shown()).toEqual(before);
    expect(second.requests.writes).toBe(0);
    expect(world.standin.violations).toEqual([]);
  });

  test('after a kill at any of six moments shows the same as one that was never killed', async () => {
    const { plan, entries } = await run({ tasks: 1 });
    const whole = world.sink();
    await tell(whole.sink, plan, entries);
    await whole.sink.close();
    const wanted = await shown();
    for (let part = 1; part <= 6; part++) {
      const other = await createWorld();
      try {
        const cut = Math.floor((entries.length * part) / 7);
        const again = await simulate({
          plan: planOf(other.base),
          tasks: 1,
          attempts: 2,
          commit: other.commit,
        });
        const killed = other.sink();
        const past = await tell(killed.sink, planOf(other.base), again.slice(0, cut));
        // Killed: whatever it had sent by now is there, and nothing more comes.
        await new Promise((resolve) => setTimeout(resolve, part * 7));
        const resumed = other.sink({ timing: { retryBaseMs: 5, commentGapMs: 1 } });
        await killAndResume(killed, resumed, { plan: planOf(other.base), rest: again.slice(cut), past });
        const swap = world;
        world = other;
        const seen = await shown();
        world = swap;
        expect(seen.checks.filter((line) => !isMoved(line))).toEqual(
          wanted.checks.filter((line) => !isMoved(line)),
        );
        expect(seen.reviews).toEqual(wanted.reviews);
        expect(seen.comments).toHaveLength(2);
        expect(seen.pulls).toHaveLength(1);
        expect(seen.pulls[0]?.draft).toBe(false);
        expect(other.standin.violations).toEqual([]);
      } finally {
        await other.close();
      }
    }
  });
});

/** The check `gump` was on another commit before: how often it moves depends on the clock. */
const isMoved = (line: string): boolean => / gump completed cancelled /.test(line);

describe('a gate that takes long', () => {
  const place = { step: 'decompose/piece-1/converge', attempt: 1, gate: 'test' };

  test('is shown in progress first, and completed in the same check run', async () => {
    const plan = planOf(world.base);
    const commit = await world.commit('a.js');
    const { sink, requests } = world.sink({ timing: { quickGateMs: 20, closeTimeoutMs: 10_000 } });
    const [opened, closed] = judged({ ...place, commit });
    if (!opened || !closed) throw new Error('a gate starts and ends');
    const recorder = createRecorder();
    await sink.open(plan, []);
    for (const event of recorder.add(started(plan), made({ ...place, commit }), opened)) sink.event(event);
    sink.published(commit);
    await until(async () =>
      (await shown()).checks.some((line) =>
        line.includes(' gump / piece-1 / converge / test in_progress null '),
      ),
    );
    for (const event of recorder.add(closed, ended(commit))) sink.event(event);
    await sink.close();
    const { checks } = await shown();
    expect(checks.filter((line) => line.includes(' / test '))).toEqual([
      `${commit} gump / piece-1 / converge / test completed success r1/decompose/piece-1/converge#1/test`,
    ]);
    expect(requests.writes).toBeLessThan(12);
  });

  test('is closed as cancelled, with the check gump, when the sink is closed before its end', async () => {
    const plan = planOf(world.base);
    const commit = await world.commit('a.js');
    const { sink } = world.sink({ timing: { quickGateMs: 20, closeTimeoutMs: 10_000 } });
    const recorder = createRecorder();
    await sink.open(plan, []);
    for (const event of recorder.add(
      started(plan),
      made({ ...place, commit }),
      ...judged({ ...place, commit }).slice(0, 1),
    ))
      sink.event(event);
    sink.published(commit);
    await until(async () => (await shown()).checks.length === 2);
    await sink.close();
    const { checks, comments } = await shown();
    expect(checks.map((line) => line.split(' ').at(-2))).toEqual(['cancelled', 'cancelled']);
    expect(comments[0]).toContain('/gump resume');
  });
});

describe('more annotations than a request carries', () => {
  const log = Array.from({ length: 9_000 }, (_, i) =>
    i < 80 ? `a.js:${i + 1}:1: wrong` : `noise ${i}`,
  ).join('\n');
  const options = { readLog: async (name: string) => (name === 'x.log' ? log : null) };

  async function tellLint(sink: ReturnType<World['sink']>['sink']) {
    const plan = planOf(world.base);
    const commit = await world.commit('a.js');
    const place = { step: 'quality', attempt: 1, commit };
    const events = createRecorder().add(
      started(plan),
      made(place),
      ...judged({ ...place, gate: 'lint', verdict: 'fail', reason: '80 problems', log: 'x.log' }),
      ended(commit, 'fail'),
    );
    await sink.open(plan, []);
    for (const event of events) sink.event(event);
    sink.published(commit);
    return { plan, events };
  }

  const lint = () =>
    [...world.standin.state.repositories.values()]
      .flatMap((one) => [...one.check_runs.values()])
      .filter((one) => one.name === 'gump / quality / lint');

  /** So many further pages of annotations fail. */
  function failPages(kind: '500' | '502', timesMax: number): void {
    let left = timesMax;
    const only = (method: string, path: string) =>
      method === 'PATCH' && path.includes('/check-runs/') && left-- > 0;
    Object.assign(world.standin.faults, { rate: 1, kinds: [kind], only });
  }

  test('come in further requests, the log is cut, and a failed gate says why', async () => {
    const { sink } = world.sink(options);
    await tellLint(sink);
    await sink.close();
    const [run] = lint();
    expect(run?.annotations).toHaveLength(80);
    expect(run?.output.title).toBe('Failed: 80 problems');
    expect(run?.output.text?.length).toBeLessThanOrEqual(65_535);
    expect(run?.output.text).toContain('lines left out');
    expect(world.standin.violations).toEqual([]);
  });

  test.each(['500', '502'] as const)('are all there, once, after pages that failed with %s', async (kind) => {
    failPages(kind, 2);
    const { sink } = world.sink(options);
    await tellLint(sink);
    await sink.close();
    expect(lint().map(({ annotations }) => new Set(annotations.map((one) => one.start_line)).size)).toEqual([
      80,
    ]);
    expect(lint()[0]?.annotations).toHaveLength(80);
  });

  test('are completed by a resume where a runner was lost between the pages, and not sent again', async () => {
    failPages('500', 1_000);
    const lost = world.sink({ ...options, timing: { retryBaseMs: 5, closeTimeoutMs: 100 } });
    const { plan, events } = await tellLint(lost.sink);
    await until(async () => lint().length === 1);
    await lost.sink.close();
    await lost.stop();
    expect(lint()).toMatchObject([{ conclusion: 'failure' }]);
    expect(lint()[0]?.annotations).toHaveLength(50);
    world.standin.faults.rate = 0;
    const again = async () => {
      const resumed = world.sink(options);
      await resumed.sink.open(plan, events);
      await resumed.sink.close();
      return resumed.requests.writes;
    };
    expect(await again()).toBeGreaterThan(0);
    expect(lint().map(({ annotations }) => annotations.length)).toEqual([80]);
    expect(await again()).toBe(0);
    expect(lint()[0]?.annotations).toHaveLength(80);
  });
});

test('the comment is edited at most every ten seconds, and some fifteen times in hours', () => {
  const gaps = Array.from({ length: 40 }, (_, edits) => gapMs(10_000, edits + 1));
  expect(Math.min(...gaps)).toBe(10_000);
  const edits = gaps.findIndex(
    (_, count) => gaps.slice(0, count).reduce((sum, gap) => sum + gap, 0) > 2 * 3_600_000,
  );
  expect(edits).toBeLessThan(20);
});

describe('trouble', () => {
  test('a token that may only read gives annotations and one line for each area, and no failure', async () => {
    const { plan, entries } = await run({ tasks: 1 });
    const annotated: string[] = [];
    const token = world.standin.createJobToken('octo/app', {
      checks: 'read',
      issues: 'read',
      pull_requests: 'read',
      contents: 'read',
    });
    const { sink, log } = world.sink({
      token,
      annotate: ({ path, line, message }) => annotated.push(`${path}:${line} ${message}`),
    });
    await tell(sink, plan, entries);
    await sink.close();
    expect(sink.degraded).toContain('checks');
    expect(annotated).toEqual(['src/piece-1.js:1 Say it politely.']);
    expect(log.filter((line) => line.includes('checks'))).toHaveLength(1);
    expect(log.length).toBeLessThanOrEqual(4);
    expect((await shown()).checks).toEqual([]);
  });

  test('where nothing may be written nothing is asked', async () => {
    const { plan, entries } = await run({ tasks: 1 });
    const annotated: string[] = [];
    const { sink, requests, log } = world.sink({
      canWrite: false,
      annotate: ({ path }) => annotated.push(path),
    });
    await tell(sink, plan, entries);
    await sink.close();
    expect(requests.total).toBe(0);
    expect(annotated).toEqual(['src/piece-1.js']);
    expect(log).toHaveLength(1);
    expect(sink.degraded).toHaveLength(5);
  });

  test('a GitHub that never answers costs the limit of closing and a line, and nothing else', async () => {
    const { plan, entries } = await run({ tasks: 1 });
    Object.assign(world.standin.faults, { rate: 1, kinds: ['500'] });
    const { sink, log } = world.sink({ timing: { retryBaseMs: 5, closeTimeoutMs: 1_000 } });
    await tell(sink, plan, entries);
    // One that waited for an answer would never end.
    await sink.close();
    expect(log.some((line) => line.includes('Resuming the run tries again'))).toBe(true);
    world.standin.faults.rate = 0;
  });
});

test("only the run's part of the App's comment is replaced, and a copied mark of a person is not ours", async () => {
  const { plan, entries } = await run({ tasks: 1 });
  const post = async (token: string, body: string): Promise<void> => {
    await fetch(`${world.standin.apiUrl}/repos/octo/app/issues/1/comments`, {
      method: 'POST',
      headers: { authorization: `token ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ body }),
    });
  };
  const marker = statusMarker('issue', 1);
  await post(
    world.standin.addUser('mallory').token,
    `${marker}
forged`,
  );
  await post(
    world.standin.createJobToken('octo/app', permissions),
    `${marker}
${specStart}
the spec
${specEnd}
`,
  );
  const { sink } = world.sink();
  await tell(sink, plan, entries);
  await sink.close();
  const { comments } = await shown();
  expect(comments[0]).toBe(`${marker}
forged`);
  expect(comments[1]).toContain(`${specStart}
the spec
${specEnd}`);
  expect(comments[1]).toContain('Passed');
  expect(comments).toHaveLength(3);
});

test('a review with our mark by another bot is not ours: the verdict is told all the same', async () => {
  const { plan, entries } = await run({ tasks: 1 });
  const { sink } = world.sink();
  const events = await tell(sink, plan, entries);
  await sink.close();
  const before = (await shown()).reviews;
  const all = [...world.standin.state.repositories.values()].flatMap((one) => [...one.reviews.values()]);
  const bot = { login: 'other[bot]', id: 4_711, node_id: 'BOT_1', type: 'Bot', name: 'other' } as const;
  for (const review of all) Object.assign(review, { user: bot });
  for (const count of [2, 2]) {
    const resumed = world.sink();
    await resumed.sink.open(plan, events);
    await resumed.sink.close();
    expect(resumed.log).toEqual([]);
    expect((await shown()).reviews).toHaveLength(before.length * count);
    expect(resumed.log).toEqual([]);
  }
  expect(world.standin.violations).toEqual([]);
});

async function killAndResume(
  killed: ReturnType<World['sink']>,
  resumed: ReturnType<World['sink']>,
  order: { plan: Parameters<typeof tell>[1]; rest: readonly Entry[]; past: Parameters<typeof tell>[3] },
): Promise<void> {
  // The process is gone: its client must not send any more, and what was on its way arrives.
  await killed.stop();
  await tell(resumed.sink, order.plan, order.rest, order.past);
  await resumed.sink.close();
}
