import { expect, test } from 'vitest';
import type { Event, Fact } from '../../src/events/event.ts';
import { resumedFacts } from '../../src/hosting/facts.ts';

const asked: readonly Fact[] = [
  {
    type: 'run_started',
    run: 'r',
    workflow: 'w',
    spec_hash: '',
    spec_origin: '',
    base: 'b',
    settings: { default_agent: null, agent: null, max_budget: null, max_parallel: 1, pause_after: null },
    gump: '0',
  },
  {
    type: 'step_started',
    step: 'a',
    step_type: 'code',
    attempt: 1,
    agent: 'claude',
    task: null,
    session_mode: 'new',
    base: 'b',
  },
  { type: 'hitl_paused', step: 'a', attempt: 1, when: 'before_gate' },
];

function ledger(...last: readonly Fact[]): readonly Event[] {
  return [...asked, ...last].map(
    (fact, index): Event => ({ v: 1, seq: index + 1, ts: '2026-11-23T00:00:00.000Z', ...fact }),
  );
}

test('a resume is the yes that a paused run waits for', () => {
  const paused = ledger({ type: 'run_paused', run: 'r', step: 'a', reason: 'a waits for a person' });
  expect(resumedFacts('r', paused).map(({ type }) => type)).toEqual(['run_resumed', 'hitl_resumed']);
});

test('a yes is for what was told: a question that there was no room for is asked next', () => {
  const paths = Array.from({ length: 10 }, (_, at) => `.gump/workflows/${'long'.repeat(15)}-${at}.yaml`);
  const more = ['b', 'c'].flatMap((step): readonly Fact[] => [
    { ...(asked[1] as Extract<Fact, { type: 'step_started' }>), step },
    { type: 'hitl_paused', step, attempt: 1, when: 'protected_paths', paths },
  ]);
  const paused = ledger(...more, { type: 'run_paused', run: 'r', step: 'a', reason: 'a and b wait' });
  const answers = resumedFacts('r', paused).flatMap((fact) =>
    fact.type === 'hitl_resumed' ? [fact.step] : [],
  );
  expect(answers).toEqual(['a', 'b']);
});

test('a run that was stopped or lost while it asked has no answer, and asks again', () => {
  const stopped = ledger({ type: 'run_interrupted', run: 'r', signal: 'SIGINT' });
  for (const events of [stopped, ledger()]) {
    expect(resumedFacts('r', events).map(({ type }) => type)).toEqual(['run_resumed']);
  }
});
