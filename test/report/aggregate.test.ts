import { expect, test } from 'vitest';
import type { Fact } from '../../src/events/event.ts';
import { aggregate, renderAggregate } from '../../src/report/aggregate.ts';
import { summarize } from '../../src/report/summarize.ts';
import { record } from '../events/record.ts';
import { ended, referenceRun, runCompleted, runStarted, worked } from './facts.ts';

const of = (facts: readonly Fact[]) => summarize(null, record(facts));
const failed = of([
  runStarted({ run: 'r2' }),
  ...worked('make', 'codex'),
  ended('make', 'fail', { reason: 'no' }),
  runCompleted({ run: 'r2', status: 'fail', cost: 0.5, duration_ms: 6_000, reason: 'no' }),
]);
const going = of([runStarted({ run: 'r3', workflow: 'simple' }), ...worked('make', 'codex')]);

test('runs are counted by workflow, and only those that have ended make the rate', () => {
  const { runs, workflows } = aggregate([of(referenceRun()), failed, going]);
  expect(runs).toBe(3);
  expect(workflows).toMatchObject([
    {
      workflow: 'implement-spec',
      runs: 2,
      passed: 1,
      failed: 1,
      passRate: 0.5,
      costUsd: 8.92,
      durationMs: 760_000,
    },
    { workflow: 'simple', runs: 1, passRate: null, costUsd: 0.5, attemptsPerStep: 1 },
  ]);
});

test('an agent has its own attempts and its judgements, and all that it cost, whoever’s step it worked on', () => {
  const { agents } = aggregate([of(referenceRun()), failed]);
  expect(agents).toMatchObject([
    { agent: 'claude-opus', runs: 1, attempts: 1, judgements: 2, passRate: 1, costUsd: 1, tokensIn: 3000 },
    { agent: 'claude-sonnet', runs: 1, attempts: 3, judgements: 0, attemptsPerStep: 1.5, costUsd: 1.5 },
    { agent: 'codex', runs: 1, attempts: 1, passRate: 0, durationMs: 1000 },
  ]);
  const all = agents.reduce((sum, { costUsd }) => sum + costUsd, 0);
  expect(all).toBeCloseTo(of(referenceRun().slice(0, -1)).costUsd + failed.costUsd, 6);
});

test('what a replay copied was paid for elsewhere and is not counted again', () => {
  const copied = referenceRun().slice(1, -1);
  const replay = of([
    runStarted({ run: 'r4' }),
    ...copied,
    { type: 'run_replayed', run: 'r4', of: 'r1', from_step: 'more' },
    ...worked('more', 'codex'),
    ended('more', 'pass'),
    runCompleted({ run: 'r4', cost: 0.5, duration_ms: 5_000 }),
  ]);
  expect(replay.replay).toEqual({ of: 'r1', fromStep: 'more' });
  expect(replay.steps.flatMap(({ attempts }) => attempts.map((one) => one.copied))).toEqual([
    ...Array(5).fill(true),
    false,
  ]);
  const { agents, workflows } = aggregate([replay]);
  expect(agents).toMatchObject([{ agent: 'codex', attempts: 1, costUsd: 0.5 }]);
  expect(workflows).toMatchObject([{ costUsd: 0.5, durationMs: 5_000, attemptsPerStep: 1 }]);
});

test('of a replay that still runs, time and money are those since it began', () => {
  const events = record([
    runStarted(),
    ...worked('a', 'codex'),
    { type: 'run_replayed', run: 'r1', of: 'r0', from_step: 'b' },
    ...worked('b', 'codex'),
  ]);
  const replayed = events.findIndex(({ type }) => type === 'run_replayed');
  const later = events.map((event, index) => {
    const ts = index < replayed ? event.ts : new Date(Date.parse(event.ts) + 86_400_000).toISOString();
    return { ...event, ts };
  });
  const { costUsd, durationMs } = summarize(null, later);
  expect(costUsd).toBe(0.5);
  expect(durationMs).toBeLessThan(60_000);
});

test('the tables read as tables, and no name can steer a terminal', () => {
  const evil = of([runStarted({ workflow: 'x\x1b[31m\n\u202ey' }), runCompleted()]);
  const text = renderAggregate(aggregate([of(referenceRun()), failed, evil]));
  expect(text.split('\n').slice(0, 5)).toEqual(
    [
      'The last 3 runs',
      '',
      'workflow        runs  passed      attempts a step  cost   duration  tokens in  tokens out',
      'implement-spec  2     1/2 (50%)   1.2              $8.92  12m40s    0          0',
      'x  y            1     1/1 (100%)  –                $8.42  12m34s    0          0',
    ].map((line) => line),
  );
  expect(text).not.toMatch(/[\x1b\u202e]/);
});
