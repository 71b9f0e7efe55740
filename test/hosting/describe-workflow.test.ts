import { expect, test } from 'vitest';
import { describeWorkflow } from '../../src/hosting/describe-workflow.ts';
import { limits } from '../../src/limits.ts';

function repository(files: Readonly<Record<string, string>>) {
  const asked: string[] = [];
  const describe = (named: string, agent: string | null = null) =>
    describeWorkflow({ named, agent, otherwise: 'implement-spec' }, async (path) => {
      asked.push(path);
      return files[path] ?? null;
    });
  return { asked, describe };
}

const code = (agent: string) =>
  `  - {name: ${agent.replaceAll('-', '_')}, type: code, prompt: p, agent: ${agent}}\n`;
const file = (steps: string) => `name: x\nsteps:\n${steps}`;

test('agents are those of everything that is called, of the repository and of what ships', async () => {
  const { describe } = repository({
    '.gump/workflows/main.yaml': file(
      `${code('claude-opus')}  - {name: c, workflow: workflows/deep, with: {agent: codex}}
  - {name: d, gate: [{validate: validators/mine}, {validate: validators/arch-review, diff: x, agent: gemini}]}\n`,
    ),
    '.gump/workflows/deep.yml': file(code('qwen')),
    '.gump/validators/mine.yaml': file(`  - {name: j, type: validate, prompt: p, agent: cursor}\n`),
  });
  expect(await describe('main')).toEqual({
    name: 'main',
    agents: ['claude-opus', 'codex', 'gemini', 'qwen', 'cursor'],
    maxBudgetUsd: null,
    problem: null,
  });
});

test('a prompt in a file of its own is no problem', async () => {
  const { describe } = repository({
    '.gump/workflows/main.yaml': file(
      '  - {name: a, type: code, prompt: {file: prompts/a.md}, agent: codex}\n',
    ),
  });
  expect(await describe('main')).toMatchObject({ agents: ['codex'], problem: null });
});

test.each([
  ['  - {name: a, workflow: nowhere}', 'there is no workflow nowhere'],
  ['  - {name: a, workflow: loop}', 'loop calls itself: loop → loop'],
  ['  - {name: a, workflow: asks}', 'asks needs the input `query`'],
])('what the run would refuse is told at once: %s', async (step, why) => {
  const { describe } = repository({
    '.gump/workflows/main.yaml': file(`${step}\n`),
    '.gump/workflows/loop.yaml': file('  - {name: a, workflow: loop}\n'),
    '.gump/workflows/asks.yaml': file('  - {name: a, type: code, prompt: "{query}", agent: codex}\n'),
  });
  expect((await describe('main')).problem).toContain(why);
});

const gumpYml = (set: string) => `jobs:
  run:
    steps:
      - uses: actions/checkout@v5
      - uses: acme/gump@v1
        with:
          set: ${set}
`;

test.each([
  ['the input that it needs', '"feature=${{ inputs.base }}"', null],
  ['what only the runner knows', '${{ vars.GUMP_SET }}', null],
  ['another one', 'featrue=x', 'did you mean a line `feature=…` in the input `set`?'],
  ['none', '""', '`{feature}` can never have a value here'],
])('what gump.yml gives to every run counts: %s', async (_what, set, problem) => {
  const { describe } = repository({
    '.gump/workflows/main.yaml': file('  - {name: a, type: code, prompt: "{feature}", agent: codex}\n'),
    '.github/workflows/gump.yml': gumpYml(set),
  });
  const told = (await describe('main')).problem;
  expect(told).toEqual(problem === null ? null : expect.stringContaining(problem));
});

test('a workflow that calls very many is described without reading them all', async () => {
  const steps = Array.from({ length: 100 }, (_, index) => `  - {name: s${index}, workflow: w${index}}\n`);
  const { asked, describe } = repository({ '.gump/workflows/main.yaml': file(steps.join('')) });
  expect(await describe('main')).toMatchObject({ problem: null });
  expect(asked.length).toBeLessThanOrEqual(2 + 2 * limits.describedWorkflowsMax);
});

test('an agent that is asked for has to be of a known family, or one of the repository', async () => {
  const { describe } = repository({ 'gump.toml': '[agents.mine]\ncommand = ["x"]\n' });
  expect((await describe('implement-spec', 'mine')).problem).toBeNull();
  expect((await describe('implement-spec', 'claude-opus')).problem).toBeNull();
  expect((await describe('implement-spec', 'clod-opus')).problem).toBe(
    'unknown agent family in `clod-opus`; did you mean `claude-opus`?',
  );
});
