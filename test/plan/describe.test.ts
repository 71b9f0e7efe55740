import { expect, test } from 'vitest';
import type { RunSettings } from '../../src/events/event.ts';
import { type Commands, describePlan } from '../../src/plan/describe.ts';
import { describeLines } from '../../src/plan/describe-lines.ts';
import { planOf } from '../engine/given.ts';

interface Options {
  readonly settings?: Partial<RunSettings>;
  readonly called?: Readonly<Record<string, string>>;
  readonly root?: string;
  readonly commands?: Commands;
}

function lines(steps: string, { commands, ...options }: Options = {}): readonly string[] {
  return describeLines(describePlan(planOf(steps, options), commands));
}

const code = (name: string, more = '') =>
  `  - {name: ${name}, type: code, prompt: p, agent: claude${more}}\n`;

test('a dry run tells limits, steps, agents, gates and attempts', () => {
  const steps = `  - name: decompose
    type: split
    prompt: p
    agent: claude-opus
    parallel: true
    gate: [schema]
    each:
      - name: do
        type: code
        prompt: p
        agent: codex
        guard: {max_turns: 60}
        gate: [compile, {bash: make it}, {touched: "*.ts", name: own}, {validate: validators/v, agent: claude}]
        retry:
          - {attempt: 2, prompt: again}
          - {not: gate.compile, agent: claude-opus, session: new, worktree: reset}
          - {exit: 3}
`;
  const judge = '  - {name: look, type: validate, prompt: p}';
  const commands: Commands = { compile: { text: 'npm run build', source: 'script `build` of package.json' } };
  const options = { called: { 'validators/v': judge }, root: 'max_budget: 3', commands };
  expect(lines(steps, options)).toEqual([
    'w on spec.md, from commit b0',
    'limits: $3.00; attempts at once: 4',
    '',
    '[decompose]                  split  parallel  (claude-opus)',
    '  gate      schema',
    '[build/<task>/do]            code  (codex)  at most 60 turns',
    '  gate      compile  `npm run build`  (script `build` of package.json)',
    '  gate      bash  `make it`',
    '  gate      own  touched  *.ts',
    '  gate      v  validators/v  judged by claude',
    '  attempt   2 on: prompt override',
    '  attempt   if not gate.compile: claude-opus, session new, worktree reset',
    '  attempt   at most 3',
  ]);
});

test("a retry condition's validator is told with who judges, and its steps are in the data", () => {
  const steps = code(
    'do',
    ', retry: [{validate: validators/stuck, with: {agent: codex}, agent: claude-opus}, {exit: 3}]',
  );
  const judge = '  - {name: ask, workflow: peek}\n  - {name: look, type: validate, prompt: p}\n';
  const called = { 'validators/stuck': judge, peek: code('see', ', worktree: none') };
  expect(lines(steps, { called }).slice(3)).toEqual([
    '[do]                         code  (claude)',
    '  attempt   if validators/stuck passes (judged by claude, codex): claude-opus',
    '  attempt   at most 3',
  ]);
  const [described] = describePlan(planOf(steps, { called })).steps;
  expect(described?.attempts[1]?.judge).toMatchObject({
    name: 'retry.stuck',
    argument: 'validators/stuck',
    steps: [
      { path: 'do/retry.stuck/ask', kind: 'call', steps: [{ path: 'do/retry.stuck/ask/see' }] },
      { path: 'do/retry.stuck/look', kind: 'validate', attempts: [{ agent: 'codex' }] },
    ],
  });
});

test('what is called is told in the order in which it would run, with its limits', () => {
  const steps = `  - {name: setup, workflow: a}\n${code('do', ', workflow: a')}`;
  expect(lines(steps, { called: { a: code('x', ', worktree: none') } }).slice(3)).toEqual([
    '[setup]                      call  workflow: a',
    '[setup/x]                    code  (claude)  worktree: none',
    '[do/get]                     call  workflow: a',
    '[do/get/x]                   code  (claude)  worktree: none',
    '[do]                         code  (claude)',
  ]);
});

test('pauses, people, sessions and the settings of the command line are told', () => {
  const steps = `${code('a', ', hitl: before_gate')}${code('b', ', session: {from: a}')}`;
  const told = lines(steps, {
    settings: { pause_after: 'a', max_parallel: 1, max_tokens: 5, max_timeout: 90_000 },
  });
  expect(told).toEqual([
    'w on spec.md, from commit b0',
    'limits: 5 tokens, 90 s; attempts at once: 1',
    'pauses after a until a person says yes',
    '',
    '[a]                          code  (claude)  asks a person: before_gate',
    '[b]                          code  (claude)  session from: a',
  ]);
});

const agentCases: readonly (readonly [
  title: string,
  steps: string,
  options: Options,
  agents: readonly string[],
])[] = [
  [
    'an agent of another step',
    `${code('a')}${code('b').replace('claude', '"{a.agent}"')}`,
    {},
    ['claude', 'claude'],
  ],
  ['a name that only the run knows', code('b').replace('claude', '"{z.agent}"'), {}, ['{z.agent}']],
  ['a step that names itself', code('b').replace('claude', '"{b.agent}"'), {}, ['{b.agent}']],
  [
    'the default',
    code('b').replace(', agent: claude', ''),
    { settings: { default_agent: 'codex' } },
    ['codex'],
  ],
  ['--agent, which stands for all', code('a'), { settings: { agent: 'codex' } }, ['codex']],
  ['`pass`, which stays', code('a').replace('claude', 'pass'), { settings: { agent: 'codex' } }, ['pass']],
  [
    'an input that was set',
    code('a').replace('claude', '"{who}"'),
    { settings: { set: { who: 'codex' } } },
    ['codex'],
  ],
  [
    'an input of a call, a template of the caller',
    `${code('a')}  - {name: c, workflow: w, with: {who: "{a.agent}"}}`,
    { called: { w: code('x').replace('claude', '"{who}"') } },
    ['claude', 'claude'],
  ],
  [
    'the agent that a call gives to steps without one',
    '  - {name: c, workflow: w, with: {agent: codex}}',
    { called: { w: code('x').replace(', agent: claude', '') } },
    ['codex'],
  ],
];

test.each(agentCases)('the agent is told as far as it is known: %s', (_title, steps, options, agents) => {
  const told = lines(steps, options).flatMap((line) => /\(([^)]+)\)/.exec(line)?.[1] ?? []);
  expect(told).toEqual(agents);
});

test('the description is plain data, whatever the names are', () => {
  const plan = planOf(code('constructor') + code('__proto__').replace('__proto__', 'toString'));
  const description = describePlan(plan);
  expect(JSON.parse(JSON.stringify(description))).toEqual(description);
  expect(description.steps.map(({ path }) => path)).toEqual(['constructor', 'toString']);
});
