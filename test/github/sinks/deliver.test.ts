import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { statusMarker } from '../../../src/github/markers.ts';
import { createWorld, tell, type World } from './deliver.fixture.ts';
import { type Entry, planOf, simulate } from './run.fixture.ts';

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
    pulls: dump.pulls.map((pull) => ({ title: pull.title, draft: pull.draft, body: String(pull.body) })),
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

  test('ten tasks of two attempts stay under 300 requests and 150 writes', async () => {
    const { plan, entries } = await run({ tasks: 10, attempts: 2, smokes: 1 });
    world.standin.limits.contentWritesPerMinute = 10_000;
    const { sink, requests } = world.sink({
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
  }, 300_000);
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

  test('after a kill at any of twelve moments shows the same as one that was never killed', async () => {
    const { plan, entries } = await run({ tasks: 1 });
    const whole = world.sink();
    await tell(whole.sink, plan, entries);
    await whole.sink.close();
    const wanted = await shown();
    for (let part = 1; part <= 12; part++) {
      const other = await createWorld();
      try {
        const cut = Math.floor((entries.length * part) / 13);
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
  }, 120_000);
});

/** The check `gump` was on another commit before: how often it moves depends on the clock. */
const isMoved = (line: string): boolean => / gump completed cancelled /.test(line);

async function killAndResume(
  killed: ReturnType<World['sink']>,
  resumed: ReturnType<World['sink']>,
  order: { plan: Parameters<typeof tell>[1]; rest: readonly Entry[]; past: Parameters<typeof tell>[3] },
): Promise<void> {
  // The process is gone: its client must not send any more.
  killed.stop();
  await tell(resumed.sink, order.plan, order.rest, order.past);
  await resumed.sink.close();
}
