import { describe, expect, test } from 'vitest';
import { signatureOf } from '../../src/engine/breaker.ts';
import { evolve } from '../../src/engine/evolve.ts';
import type { RunSettings } from '../../src/events/event.ts';
import { summarize } from '../../src/report/summarize.ts';
import { renderText } from '../../src/report/text.ts';
import { traceLines } from '../../src/terminal/trace.ts';
import { eventsOf, one, only, planOf, resumeOf } from './given.ts';
import { carryOn, type Played, play, type World } from './world.ts';

const failing: World = { gate: ({ id }) => ({ status: 'fail', reason: `red after ${id.length} ms` }) };
const code = (retry: string, settings: Partial<RunSettings> = {}) =>
  planOf(`  - {name: do, type: code, prompt: build, agent: claude-sonnet, gate: [test], retry: [${retry}]}`, {
    settings,
  });
const agentsOf = ({ events }: Played) => only(events, 'step_started').map(({ agent }) => agent);

describe('the breaker', () => {
  test('ends a step early whose failure came back unchanged and that has nothing else to try', () => {
    const { state, events } = play(code('{exit: 9}'), failing);
    expect(only(events, 'step_started').map(({ attempt }) => attempt)).toEqual([1, 2, 3]);
    expect(state.status).toBe('fail');
    expect(one(events, 'step_completed').reason).toMatch(
      /^the same failure came back 3 times unchanged: test: red after \d+ ms$/,
    );
  });

  test('takes the next escalation at once, says so, and the attempt numbers go on', () => {
    const played = play(code('{attempt: 6, agent: claude-opus, session: new}, {exit: 7}'), failing);
    const [sonnet, opus] = ['claude-sonnet', 'claude-opus'];
    expect(agentsOf(played)).toEqual([sonnet, sonnet, sonnet, opus, opus, opus]);
    expect(only(played.events, 'retry_triggered')[2]).toMatchObject({
      attempt: 4,
      escalated: 6,
      overrides: { agent: opus, session: 'new' },
    });
    expect(one(played.events, 'notice')).toMatchObject({
      step: 'do',
      message:
        'the same failure came back 3 times unchanged, so what `retry` says for attempt 6 is tried at once',
    });
    expect(one(played.events, 'step_completed').reason).toMatch(/^the same failure came back 3 times/);
  });

  test('merges everything between, and an earlier entry does not take it back', () => {
    const entries =
      '{attempt: 2, agent: codex}, {attempt: 6, prompt: other}, {attempt: 7, agent: claude-opus}, {exit: 9}';
    const played = play(code(entries), failing);
    const opus = { agent: 'claude-opus', prompt: 'other' };
    const codex = { agent: 'codex' };
    expect(only(played.events, 'retry_triggered').map(({ overrides }) => overrides)).toEqual([
      codex,
      codex,
      codex,
      opus,
      opus,
      opus,
    ]);
  });

  test('passes over entries that only change the prompt', () => {
    const entries = '{attempt: 4, prompt: other}, {attempt: 5, worktree: reset}, {exit: 6}';
    const { events } = play(code(entries), failing);
    expect(only(events, 'retry_triggered')[2]).toMatchObject({
      escalated: 5,
      overrides: { prompt: 'other', worktree: 'reset' },
    });
  });

  test('counts only what is the same in a row', () => {
    const world: World = {
      gate: ({ attempt }) => ({ status: 'fail', reason: attempt % 3 === 0 ? 'other' : 'red' }),
    };
    expect(agentsOf(play(code('{exit: 8}'), world))).toHaveLength(8);
  });

  test('counts another gate with the same text as another failure', () => {
    const plan = planOf(
      '  - {name: do, type: code, prompt: p, agent: claude, gate: [test, lint], retry: [{exit: 6}]}',
    );
    const world: World = {
      gate: ({ label, attempt }) =>
        (label === 'test') === (attempt % 2 === 0) ? { status: 'fail', reason: 'red' } : 'pass',
    };
    expect(agentsOf(play(plan, world))).toHaveLength(6);
  });

  test("counts an agent's error and a guard like a gate", () => {
    expect(agentsOf(play(code('{exit: 9}'), { agent: () => ({ outcome: 'error' }) }))).toHaveLength(3);
    expect(agentsOf(play(code('{exit: 9}'), { agent: () => ({ denied: ['x'] }) }))).toHaveLength(3);
  });

  test.each([
    [0, 9],
    [1, 1],
    [5, 5],
  ])('with same_failures = %i there are %i attempts of nine', (same_failures, attempts) => {
    expect(agentsOf(play(code('{exit: 9}', { breaker: { same_failures } }), failing))).toHaveLength(attempts);
  });

  test('a resume grants a new allowance, and begins with the first way again', () => {
    const plan = code('{attempt: 6, agent: claude-opus}, {exit: 7}');
    const first = play(plan, failing);
    const again = carryOn(plan, failing, { past: first.events, opening: [resumeOf(plan)] });
    expect(agentsOf(again).slice(6)).toEqual(agentsOf(first));
    expect(only(again.events, 'step_started').map(({ attempt }) => attempt)).toEqual(
      Array.from({ length: 12 }, (_, index) => index + 1),
    );
  });

  test('asks a validator of `retry:` only for another way of trying, and takes the one that it gives', () => {
    const judged = (overrides: string) =>
      planOf(
        `  - {name: do, type: code, prompt: p, agent: claude, gate: [test], retry: [{validate: validators/ok, ${overrides}}, {exit: 5}]}`,
        {
          settings: { breaker: { same_failures: 2 } },
          validators: { 'validators/ok': '  - {name: judge, type: validate, prompt: p, agent: gemini}' },
        },
      );
    const says = (pass: boolean): World => ({
      ...failing,
      agent: () => ({ verdict: { pass, comments: 'so' } }),
    });
    const asked = ({ events }: Played) => only(events, 'condition_started').map(({ attempt }) => attempt);
    expect(asked(play(judged('prompt: other'), says(false)))).toEqual([1]);
    expect(asked(play(judged('agent: codex'), says(false)))).toEqual([1, 2]);
    const helped = only(play(judged('agent: codex'), says(true)).events, 'retry_triggered');
    expect(helped.map(({ overrides }) => overrides)).toEqual([{ agent: 'codex' }, { agent: 'codex' }]);
  });

  test('trace and report say why the step ended early, and that an entry was taken at once', () => {
    const plan = code('{attempt: 6, agent: claude-opus}, {exit: 9}', { breaker: { same_failures: 2 } });
    const { events } = play(plan, failing);
    const trace = events.flatMap(traceLines(plan)).join('\n');
    expect(trace).toContain(
      'notice   the same failure came back 2 times unchanged, so what `retry` says for attempt 6',
    );
    expect(trace).toMatch(/fail {5}the same failure came back 2 times unchanged: test: red after \d+ ms/);
    expect(renderText(summarize(plan, events))).toContain('the same failure came back 2 times unchanged');
  });

  test('counts anew in a replay', () => {
    const { state, events } = play(code('{exit: 9}'), failing);
    expect(state.steps.do?.same?.count).toBe(2);
    const [replayed] = eventsOf([{ type: 'run_replayed', run: 'r2', of: 'r1', from_step: 'do' }], events);
    expect(replayed && evolve(state, replayed).steps.do?.same).toBeNull();
  });

  test('ends a group early whose rounds fail in the same way', () => {
    const plan = planOf(
      '  - {name: all, retry: [{exit: 9}], steps: [{name: do, type: code, prompt: p, agent: claude, gate: [test]}]}',
    );
    const { events } = play(plan, failing);
    expect(only(events, 'group_started')).toHaveLength(3);
    expect(only(events, 'step_completed').at(-1)?.reason).toMatch(/^the same failure came back 3 times/);
  });
});

describe('two failures are the same', () => {
  test.each([
    ['12 tests failed in 1.20 s', '9 tests failed in 950ms'],
    ['took 1m 3s', 'took 59s'],
    ['took 1m3s', 'took 2h'],
    ['at /tmp/gump-Ab12/x.js:3:7', 'at /tmp/gump-Zz9q/x.js:14:1'],
    ['/var/folders/a1/b2c3/T/vite-x/x.js', '/var/folders/q9/zz/T/vite-y/x.js'],
    ['commit 0a1b2c3d4e is bad', 'commit 9f8e7d6 is bad'],
    ['id 123e4567-e89b-12d3-a456-426614174000', 'id 00000000-aaaa-bbbb-cccc-dddddddddddd'],
    ['at 2026-11-26T11:31:41.123Z', 'at 2026-11-27T01:02:03Z'.replace('03Z', '03.9Z')],
    ['pointer 0x7ffd12', 'pointer 0xdeadbeef'],
    ['a   b\n  c', 'a b c'],
  ])('%j and %j', (one, other) => expect(signatureOf(one)).toBe(signatureOf(other)));

  test.each([
    ['expected apple', 'expected pear'],
    ['src/a.ts: error', 'src/b.ts: error'],
    ['defaced', 'effaced'],
    ['/tmp/a/x.js failed', '/tmp/a/y.js failed'],
    ['', 'red'],
  ])('%j and %j are not', (one, other) => expect(signatureOf(one)).not.toBe(signatureOf(other)));

  test('a text of the largest size is read in no time worth telling', () => {
    const hard = ['a-', '0f', '/tmp/', '1.', '<time> ', '1s ', 'abcdef', '/var/folders/a/'];
    for (const part of hard) {
      const text = part.repeat(16_384 / part.length);
      const startedMs = performance.now();
      expect(signatureOf(text).length).toBeLessThanOrEqual(text.length * 4);
      console.log(`${JSON.stringify(part)}: ${Math.round(performance.now() - startedMs)} ms`);
    }
  });
});
