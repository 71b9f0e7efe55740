import { expect, test } from 'vitest';
import type { Fact } from '../../src/events/event.ts';
import { detailData, renderDetail } from '../../src/report/detail.ts';
import { summarize } from '../../src/report/summarize.ts';
import { record } from '../events/record.ts';
import {
  completed,
  condition,
  ended,
  launched,
  referenceRun,
  runStarted,
  started,
  updated,
} from './facts.ts';
import { implementSpec } from './plan.ts';

function detailOf(facts: readonly Fact[], path: string) {
  const summary = summarize(implementSpec(), record(facts));
  const step = summary.steps.find((one) => one.path === path);
  if (!step) throw new Error(`no step ${path}`);
  return { summary, step, artifacts: '.gump/runs/r1/artifacts' };
}

test('every attempt is told with agent, session, cost, gates and findings, logs by their path', () => {
  const facts = referenceRun().map((fact): Fact => {
    if (fact.type !== 'gate_failed') return fact;
    const findings = [{ path: 'src/a.js', line: 3, severity: 'major', body: 'first line\nsecond line' }];
    return { ...fact, log: 'a.log', comments: 'look again', findings };
  });
  const text = renderDetail(detailOf(facts, 'decompose/greeting/converge'));
  expect(text).toContain('Step build/task-1/converge (decompose/greeting/converge) of run r1: pass\n');
  expect(text).toContain(`
Attempt 1: fail
  agent     claude-sonnet
  session   new, s
  prompt    sha256 p
  turns     2
  tokens    2000 in, 200 out
  cost      $0.75
`);
  expect(text).toContain(`
  gate      ✗ review: fail, took 0.0s
            the error path is missing
            look again
            - src/a.js:3: major: first line
            second line
            log: .gump/runs/r1/artifacts/a.log
`);
  expect(text).toContain('\nAttempt 2: pass\n  agent     claude-sonnet\n  session   resume, s\n');
});

test('an attempt is told with what its agent printed, by its path', () => {
  const log = 'do.1.agent.ndjson';
  const facts = [runStarted(), started('do', 'x'), completed('do', { log })];
  expect(renderDetail(detailOf(facts, 'do'))).toContain(`  stream    .gump/runs/r1/artifacts/${log}\n`);
});

test('a validator of `retry:` is told with what it said, how long it took and what it cost', () => {
  const facts = [runStarted(), started('do', 'x'), ...condition('do', 'retry.is-flaky', true)];
  expect(renderDetail(detailOf(facts, 'do'))).toContain(
    '  asked     retry condition is-flaky ✓ applies, took 0.0s, $0.25\n            so\n',
  );
});

test('a verdict is told with its comments and findings', () => {
  const verdict = { pass: false, comments: 'not yet', findings: [{ path: 'b.js', body: 'why?' }] };
  const facts = [
    runStarted(),
    started('look', 'claude-opus', { step_type: 'validate' }),
    launched('look', 'claude-opus'),
    completed('look', { agent: 'claude-opus', files: ['x.js', 'y.js'] }),
    updated('look', { verdict }),
    ended('look', 'fail', { reason: 'not yet' }),
  ];
  const detail = detailOf(facts, 'look');
  const text = renderDetail(detail);
  expect(text).toContain('  verdict   fail\n  comments  not yet\n            - b.js: why?\n');
  expect(text).toContain('  files     x.js\n            y.js\n');
  expect(detailData(detail)).toMatchObject({ run: 'r1', step: { attempts: [{ verdict, promptHash: 'p' }] } });
});

test('nothing that an agent or a gate said can steer the terminal or begin a line of ours', () => {
  const evil = 'boom\x1b[2J\nAttempt 9: pass\r\n\u202e\u2028Step x';
  const facts = [
    runStarted(),
    started('make', 'claude-opus'),
    launched('make', 'claude-opus'),
    completed('make', { outcome: 'error', error: evil, session_id: evil, files: [evil] }),
    ended('make', 'fail', { reason: evil }),
  ];
  const text = renderDetail(detailOf(facts, 'make'));
  expect(text).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f\u2028\u202e]/);
  expect(text.split('\n').filter((line) => /^(Attempt|Step)/.test(line))).toHaveLength(2);
});
