import { expect, test } from 'vitest';
import type { AgentEffect } from '../../src/engine/effect.ts';
import { fold } from '../../src/engine/evolve.ts';
import { lookUp } from '../../src/engine/values.ts';
import type { Event } from '../../src/events/event.ts';
import { one, only, placeAt, planOf, resumeOf, stepOf } from './given.ts';
import { carryOn, type Played, play, takeOver, type World } from './world.ts';

const judge = '  - {name: judge, type: validate, prompt: "flaky? {why}", agent: claude}';
const validators = { 'validators/is-flaky': judge, 'validators/is-hard': judge };
const code = (retry: readonly string[], more = '', root = '') =>
  planOf(
    `  - name: do
    type: code
    prompt: build
    agent: claude-haiku
    gate: [test]
${more}
    retry:
${retry.map((entry) => `      - ${entry}`).join('\n')}`,
    { validators, root },
  );
const flaky = (overrides: string, more = '') =>
  `{validate: validators/is-flaky, with: {why: "{error}"${more}}, ${overrides}}`;
/** Every attempt fails its test; each judge answers by its path and attempt. */
const world = (says: (id: string) => boolean, more: World = {}): World => ({
  gate: () => ({ status: 'fail', reason: 'red' }),
  agent: ({ id, stepKind }) =>
    stepKind === 'validate' ? { verdict: { pass: says(id), comments: `said ${id}` } } : {},
  ...more,
});
const yes = world(() => true);
const no = world(() => false);
const overridesOf = ({ events }: Played) => only(events, 'retry_triggered').map(({ overrides }) => overrides);
const asked = ({ events }: Pick<Played, 'events'>) =>
  only(events, 'condition_started').map(({ condition, attempt }) => `${condition}#${attempt}`);

test('where the validator says pass, the overrides of its entry apply; where it says no, they do not', () => {
  const plan = code([flaky('agent: claude-opus'), 'exit: 2']);
  expect(overridesOf(play(plan, yes))).toEqual([{ agent: 'claude-opus' }]);
  expect(overridesOf(play(plan, no))).toEqual([{}]);
});

test('it judges the attempt that has just failed: its commit, its number, in a tree of its own', () => {
  const agents: AgentEffect[] = [];
  const watch: World['watch'] = (_, effects) => {
    for (const effect of effects) if (effect.kind === 'agent') agents.push(effect);
  };
  const plan = code([flaky('prompt: again'), 'exit: 3']);
  const { events } = play(plan, { ...no, watch });
  const ids = [...new Set(agents.map(({ id }) => id))];
  expect(ids).toEqual(['do#1', 'do/retry.is-flaky/judge#1', 'do#2', 'do/retry.is-flaky/judge#2', 'do#3']);
  const made = only(events, 'agent_completed').filter(({ step }) => step === 'do');
  const judges = agents.filter(({ path }) => path !== 'do');
  expect(new Set(judges.map(({ base, judging }) => `${base} ${judging}`))).toEqual(
    new Set([`${made[0]?.commit} true`, `${made[1]?.commit} true`]),
  );
});

test('its no fails nothing: no gate, and the attempt failed for the reason that it had', () => {
  const { events, state } = play(code([flaky('prompt: again'), 'exit: 2']), no);
  expect(new Set(only(events, 'gate_failed').map(({ gate }) => gate))).toEqual(new Set(['test']));
  expect(one(events, 'retry_triggered').reason).toBe('test: red');
  expect(Object.keys(state.steps.do?.attempt?.gates ?? {})).toEqual(['test']);
  expect(one(events, 'condition_ended')).toMatchObject({
    applies: false,
    reason: 'said do/retry.is-flaky/judge#1',
  });
});

test.each<[string, string, World]>([
  ['the attempt is the last', 'exit: 1', yes],
  ['the attempt passes', 'exit: 3', { ...yes, gate: () => 'pass' }],
])('nobody is asked where %s', (_, exit, of) => {
  expect(asked(play(code([flaky('prompt: again'), exit]), of))).toEqual([]);
});

test.each([
  ['it would change nothing', ['{validate: validators/is-flaky, with: {why: x}}', 'exit: 3'], []],
  [
    'a later entry decides in any case',
    [flaky('agent: claude-opus'), '{attempt: 2, agent: codex}', 'exit: 3'],
    [],
  ],
  [
    'a later entry decides for one of its overrides only',
    [flaky('agent: claude-opus, session: new'), '{attempt: 2, agent: codex}', 'exit: 2'],
    ['retry.is-flaky#1'],
  ],
  [
    'a later entry only decides from then on',
    [flaky('agent: claude-opus'), '{attempt: 3, agent: codex}', 'exit: 3'],
    ['retry.is-flaky#1'],
  ],
  ['what it would say is in force already', [flaky('agent: claude-opus'), 'exit: 4'], ['retry.is-flaky#1']],
  [
    'an earlier entry takes back what is in force, so it matters again',
    ['{attempt: 3, agent: codex}', flaky('agent: claude-opus'), 'exit: 3'],
    ['retry.is-flaky#1', 'retry.is-flaky#2'],
  ],
])('entries that cannot matter are not asked: %s', (_, retry, expected) => {
  expect(asked(play(code(retry), yes))).toEqual(expected);
});

test('whether an entry matters may depend on what the one before it says', () => {
  const retry = [
    flaky('agent: claude-opus'),
    '{validate: validators/is-hard, with: {why: x}, agent: claude-opus}',
    'exit: 2',
  ];
  expect(asked(play(code(retry), yes))).toEqual(['retry.is-flaky#1']);
  expect(asked(play(code(retry), no))).toEqual(['retry.is-flaky#1', 'retry.is-hard#1']);
});

test('several entries have a path each, the same validator twice included, and later ones win', () => {
  const retry = [flaky('prompt: first'), flaky('prompt: second'), 'exit: 2'];
  const played = play(code(retry), yes);
  expect(asked(played)).toEqual(['retry.is-flaky#1', 'retry.is-flaky_2#1']);
  expect(overridesOf(played)).toEqual([{ prompt: 'second' }]);
  const first = play(
    code(retry),
    world((id) => !id.includes('_2')),
  );
  expect(overridesOf(first)).toEqual([{ prompt: 'first' }]);
});

test('overrides that applied once stay, whatever the validator says later', () => {
  const retry = ['{attempt: 3, agent: codex}', flaky('prompt: again'), 'exit: 3'];
  const played = play(
    code(retry),
    world((id) => id.endsWith('#1')),
  );
  expect(overridesOf(played)).toEqual([{ prompt: 'again' }, { prompt: 'again', agent: 'codex' }]);
});

test.each<[string, World, string]>([
  [
    'no JSON',
    { agent: ({ stepKind }) => (stepKind === 'validate' ? { output: 'maybe' } : {}) },
    'no verdict could be read',
  ],
  [
    'a crash',
    { agent: ({ stepKind }) => (stepKind === 'validate' ? { outcome: 'error' } : {}) },
    'the agent crashed',
  ],
])('a validator without a verdict (%s) does not apply, with a notice that says why', (_, answers, why) => {
  const { events, ...played } = play(code([flaky('agent: claude-opus'), 'exit: 2']), { ...yes, ...answers });
  expect(overridesOf({ events, ...played })).toEqual([{}]);
  const [notice] = only(events, 'notice');
  expect(notice?.message).toMatch(
    /^the retry condition `validate: validators\/is-flaky` gave no verdict, so it does not apply: /,
  );
  expect(notice).toMatchObject({ step: 'do', message: expect.stringContaining(why) });
});

test.each(['gate', 'crash', 'outside'])(
  'its inputs are rendered at the step, which knows why the attempt failed (%s)',
  (what) => {
    const plan = planOf(
      `  - name: plan
    type: split
    prompt: cut
    agent: claude
    each:
      - name: do
        type: code
        prompt: build
        agent: claude
        gate: [test]
        retry: [${flaky('prompt: again', ', name: "{task.name}"')}, {exit: 2}]`,
      { validators: { 'validators/is-flaky': judge.replace('{why}', '{why} {name}') } },
    );
    const tasks = [{ name: 'a', description: 'a', files: ['src/x.js'] }];
    const { events } = play(plan, {
      gate: () => ({ status: what === 'gate' ? 'fail' : 'pass', reason: 'red' }),
      agent: ({ stepKind, attempt }) => {
        if (stepKind === 'split') return { tasks };
        if (stepKind === 'validate' || attempt > 1) return {};
        return what === 'crash'
          ? { outcome: 'error' }
          : { changes: [what === 'outside' ? 'elsewhere.js' : 'src/x.js'] };
      },
    });
    const state = fold(events.slice(0, events.findIndex(({ type }) => type === 'condition_started') + 2));
    const inside = placeAt(plan, state, 'plan/a/do/retry.is-flaky/judge');
    const value = (name: string) => {
      const input = lookUp({ plan, state }, inside, name);
      if (input?.kind !== 'template') return input;
      return lookUp({ plan, state }, input.place, input.template.slice(1, -1));
    };
    expect(value('name')).toEqual({ kind: 'text', text: 'a' });
    const reason = one(events, 'condition_started').reason;
    expect(reason).toContain(
      { gate: 'test: red', crash: 'the agent crashed', outside: 'elsewhere.js' }[what],
    );
    expect(value('why')).toEqual({ kind: 'text', text: reason });
  },
);

test('an attempt that a guard ended is judged, too', () => {
  const plan = code([flaky('prompt: again'), 'exit: 2'], '    guard: {max_turns: 1}');
  const { events } = play(plan, {
    agent: ({ stepKind, attempt }) => (stepKind === 'code' && attempt === 1 ? { turns: 2 } : {}),
  });
  expect(one(events, 'condition_started').reason).toContain('max_turns');
  expect(one(events, 'retry_triggered').overrides).toEqual({ prompt: 'again' });
});

test('the agent that its input names judges where its steps name none', () => {
  const anybody = { 'validators/is-flaky': '  - {name: judge, type: validate, prompt: p}' };
  const plan = planOf(
    '  - {name: do, type: code, prompt: p, agent: claude, gate: [test], retry: [{validate: validators/is-flaky, with: {agent: codex}, prompt: x}, {exit: 2}]}',
    { validators: anybody },
  );
  const launched = only(play(plan, yes).events, 'agent_launched');
  expect(launched.map(({ step, agent }) => `${step} ${agent}`)).toContain('do/retry.is-flaky/judge codex');
});

const dear: World = {
  ...no,
  agent: ({ stepKind }) =>
    stepKind === 'validate'
      ? { verdict: { pass: false, comments: 'c' }, turns: 3, costPerTurnUsd: 1 }
      : { costPerTurnUsd: 0.5 },
};

test('what it spends counts: for its step, and for the run', () => {
  const { state } = play(code([flaky('prompt: again'), 'exit: 2']), dear);
  expect(state.spent.cost).toBe(4);
  expect(state.steps.do?.usage.cost).toBe(4);
});

test('a limit of the run closes it, and a resume goes on with a new attempt', () => {
  const plan = code([flaky('prompt: again'), 'exit: 2'], '', 'max_budget: 2');
  const { events, state } = play(plan, dear);
  expect(state.status).toBe('fail');
  expect(one(events, 'condition_ended').applies).toBe(false);
  expect(only(events, 'step_completed').map(({ step }) => step)).toEqual(['do/retry.is-flaky/judge', 'do']);
  const again = carryOn(
    plan,
    { ...yes, gate: () => 'pass' },
    { past: events, opening: [resumeOf(plan, { max_budget: 9 })] },
  );
  expect(again.state.status).toBe('pass');
  expect(only(again.events.slice(events.length), 'agent_launched').map(({ step }) => step)).toEqual(['do']);
});

test('an engine that is lost while it judges is followed by one that asks once more, or takes the answer that there is', () => {
  const plan = code([flaky('agent: claude-opus'), flaky('prompt: again'), 'exit: 2']);
  const whole = play(plan, yes);
  const from = whole.events.findIndex(({ type }) => type === 'condition_started');
  for (let cut = from; cut < whole.events.length - 1; cut++) {
    const past: readonly Event[] = whole.events.slice(0, cut + 1);
    const again = carryOn(plan, yes, { past, opening: takeOver(past, [resumeOf(plan)]) });
    expect(again.state.status).toBe(whole.state.status);
    expect(asked(again)).toEqual(asked(whole));
    expect(overridesOf(again)).toEqual(overridesOf(whole));
  }
  expect(stepOf(whole.events, 'do').attempt?.agent).toBe('claude-opus');
});

test('two judges side by side decide together: one no is a no', () => {
  const panel = `  - name: panel
    parallel: true
    steps:
      - {name: a, type: validate, prompt: p, agent: claude}
      - {name: b, type: validate, prompt: p, agent: claude}`;
  const plan = planOf(
    '  - {name: do, type: code, prompt: p, agent: claude, gate: [test, {validate: validators/is-flaky}], retry: [{validate: validators/is-flaky, prompt: x}, {exit: 2}]}',
    { validators: { 'validators/is-flaky': panel } },
  );
  const both = play(plan, yes);
  expect(overridesOf(both)).toEqual([{ prompt: 'x' }]);
  expect(only(both.events, 'gate_passed').map(({ gate }) => gate)).toEqual(['flaky', 'flaky']);
  const split = play(
    plan,
    world((id) => !id.includes('/b#')),
  );
  expect(overridesOf(split)).toEqual([{}]);
  expect(only(split.events, 'gate_failed').find(({ gate }) => gate === 'flaky')).toMatchObject({
    reason: 'said do/flaky/panel/b#1',
    comments: 'said do/flaky/panel/b#1',
  });
});
