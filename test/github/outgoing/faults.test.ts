/** The same run, told to a GitHub that answers and to one that fails at three of ten requests, in every way there is. */
import { expect, test } from 'vitest';
import type { FaultKind } from '../../standin/faults.ts';
import { createWorld, repositoryOf, tell, type World } from './deliver.fixture.ts';
import { planOf, simulate } from './run.fixture.ts';

const kinds: readonly FaultKind[] = ['500', '502', '429', 'timeout', 'drop'];

/** Everything that GitHub shows in the end; how often the check gump moved meanwhile depends on the clock. */
function shown(world: World) {
  const { standin } = world;
  const repository = repositoryOf(standin);
  const plain = (text: string | null | undefined) => (text ?? '').replaceAll(standin.url, 'URL');
  const isMoved = ({ name, conclusion }: { name: string; conclusion: string | null }) =>
    name === 'gump' && conclusion === 'cancelled';
  const remarks = [...repository.review_comments.values()];
  return {
    checks: [...repository.check_runs.values()]
      .filter((run) => !isMoved(run))
      .map(({ head_sha: commit, name, status, conclusion, external_id: id, output, annotations }) =>
        JSON.stringify({ commit, name, status, conclusion, id, output, annotations }),
      )
      .map(plain)
      .sort(),
    open: [...repository.check_runs.values()].filter(({ status }) => status !== 'completed'),
    comments: [...repository.comments.values()]
      .map(({ issue_number: on, body }) => `${on} ${plain(body)}`)
      .sort(),
    pulls: [...repository.pulls.values()].map(({ number, draft, head, base }) => {
      const issue = repository.issues.get(number);
      return { draft, head: head.ref, base: base.ref, title: issue?.title, body: plain(issue?.body) };
    }),
    reviews: [...repository.reviews.values()]
      .map(({ body, state, commit_id: commit }) => `${commit} ${state} ${plain(body)}`)
      .sort(),
    threads: remarks
      .map(({ path, line, body, commit_id: commit, thread_id: id }) => {
        const isOpen = repository.review_threads.get(id)?.resolved_by === null;
        return `${commit} ${path}:${line} ${isOpen ? 'open' : 'resolved'} ${body}`;
      })
      .sort(),
  };
}

const log = Array.from({ length: 70 }, (_, at) => `src/piece-1.js:${at + 1}:1: error: wrong`).join('\n');

/** @param seed null: nothing fails. */
async function told(seed: number | null) {
  const world = await createWorld();
  try {
    const plan = planOf(world.base);
    const entries = (await simulate({ plan, tasks: 1, attempts: 2, smokes: 2, commit: world.commit })).map(
      (entry) =>
        'fact' in entry && entry.fact.type === 'gate_failed'
          ? { fact: { ...entry.fact, log: 'gate.log' } }
          : entry,
    );
    const { faults } = world.standin;
    if (seed !== null)
      Object.assign(faults, { rate: 0.3, kinds: [...kinds], retryAfterSeconds: 0, timeoutMs: 100, seed });
    const timing = { retryBaseMs: 5, commentGapMs: 20, settleGapMs: 20, closeTimeoutMs: 50_000 };
    const { sink, requests } = world.sink({ timing, readLog: async () => log });
    await tell(sink, plan, entries);
    await sink.close();
    faults.rate = 0;
    expect(world.standin.violations).toEqual([]);
    return { shown: shown(world), struck: faults.struck, requests: requests.total };
  } finally {
    await world.close();
  }
}

test('with every kind of fault on three of ten requests GitHub shows in the end exactly what it shows without', async () => {
  const calm = await told(null);
  expect(calm.shown.open).toEqual([]);
  expect(calm.shown.reviews).toHaveLength(1);
  expect(calm.shown.threads.filter((one) => one.includes(' resolved '))).toHaveLength(1);
  const struck = new Set<FaultKind>();
  for (const seed of [1, 2, 3]) {
    const troubled = await told(seed);
    expect(troubled.shown).toEqual(calm.shown);
    const count = [...troubled.struck.values()].reduce((sum, one) => sum + one, 0);
    expect(count / troubled.requests).toBeGreaterThan(0.15);
    for (const kind of troubled.struck.keys()) struck.add(kind);
  }
  expect([...struck].sort()).toEqual([...kinds].sort());
}, 200_000);
