import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk, type StartOptions } from './command.ts';
import { checkValidator, listing, makeProject, tinyFiles, tinyScript, tinyWorkflow } from './project.ts';

const brokenWorkflow = `name: bad
max_bugdet: 3
steps:
  - name: a b
    type: code
    prompt: hi
    agent: claude-opus
    retrys: [exit: 3]
  - name: c
    type: cod
    prompt: hi
    agent: claude-opus
    gate: [compil]
`;

const agentsWorkflow = tinyWorkflow.replace('claude-opus', 'clod-opus').replace('claude-sonnet', 'gemni-pro');
const namesWorkflow = tinyWorkflow
  .replace('Split {spec}', 'Split {spek}')
  .replace('{prev.gate.check.comments}', '{prev.gate.chekc.comments}');

let desk: Desk;
let dir: string;
let before: Record<string, string>;

beforeAll(async () => {
  desk = await openDesk();
  dir = await makeProject(desk, {
    files: {
      ...tinyFiles,
      'empty.md': ' \n\n',
      'invisible.md': '\u200b\u200b\n',
      'latin.md': Buffer.from('one\ncaf\xe9\n', 'latin1'),
      'wrong-script.yaml': 'rules:\n  - step: plan\n    turn: [{say: x}]\n    exit: never\n',
      '.gump/workflows/bad.yaml': brokenWorkflow,
      '.gump/workflows/agents.yaml': agentsWorkflow,
      '.gump/workflows/names.yaml': namesWorkflow,
      '.gump/validators/inner.yaml': checkValidator.replace('Look at', '{task.name}: look at'),
      '.gump/workflows/torn.yaml': 'name: torn\nsteps:\n  - name: [a\n    type: code\n',
      '.gump/workflows/chek.yaml': tinyWorkflow.replace('validators/check', 'validators/chek'),
      '.gump/workflows/inputs.yaml': tinyWorkflow.replace('validators/check', 'validators/arch-review'),
    },
  });
  before = await listing(dir);
});

afterAll(() => desk.remove());

/** The command is refused before anything has begun; what it said. */
async function refused(args: readonly string[], options: StartOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await desk.gump(args, { cwd: dir, ...options });
  expect(stdout).toBe('');
  expect(code, stderr).toBe(2);
  expect(stderr).not.toMatch(/\n\s+at /);
  return stderr;
}

const script = ['--agent-script', 'script.yaml'];
const run = (workflow: string, ...more: string[]) => [
  'run',
  workflow,
  '--spec',
  'spec.md',
  ...script,
  ...more,
];

interface Case {
  readonly title: string;
  readonly args: readonly string[];
  readonly says: readonly (string | RegExp)[];
}

const commandLines: readonly Case[] = [
  { title: 'no workflow', args: ['run', '--spec', 'spec.md'], says: ['no workflow is named'] },
  {
    title: 'an unknown command',
    args: ['rnu', 'tiny'],
    says: ["unknown command 'rnu'", 'Did you mean run?'],
  },
  {
    title: 'an unknown option',
    args: run('tiny', '--max-bugdet', '3'),
    says: ["unknown option '--max-bugdet'", 'Did you mean --max-budget?'],
  },
  {
    title: 'one argument too many',
    args: ['run', 'tiny', 'spec.md', ...script],
    says: ['too many arguments'],
  },
  { title: 'an option without its value', args: ['run', 'tiny', '--spec'], says: ['argument missing'] },
  {
    title: 'a negative budget',
    args: run('tiny', '--max-budget', '-3'),
    says: ["'-3' is invalid", 'no amount above 0'],
  },
  {
    title: 'a budget in words',
    args: run('tiny', '--max-budget', 'much'),
    says: ["'much' is invalid"],
  },
  {
    title: 'half a task at once',
    args: run('tiny', '--max-parallel', '1.5'),
    says: ["'1.5' is invalid", 'whole number'],
  },
  {
    title: '--run without --resume',
    args: run('tiny', '--run', 'x'),
    says: ['--run goes with --resume or --replay'],
  },
  {
    title: '--resume with a workflow',
    args: ['run', 'tiny', '--resume'],
    says: ['--resume takes no workflow', '--run ID'],
  },
  {
    title: '--resume with a spec, which would be ignored',
    args: ['run', '--resume', '--spec', 'spec.md'],
    says: ['--spec does not go with --resume'],
  },
  {
    title: '--resume where there is nothing to resume',
    args: ['run', '--resume'],
    says: ['there is no unfinished run here'],
  },
  {
    title: '--resume of a run that is not there',
    args: ['run', '--resume', '--run', '20990101-000000-aaaa'],
    says: ['there is no run 20990101-000000-aaaa here'],
  },
  {
    title: '--resume of a run whose name leaves the folder',
    args: ['run', '--resume', '--run', '../../x'],
    says: ['there is no run ../../x here'],
  },
  {
    title: 'a spec whose name was not set',
    args: ['run', 'tiny', '--spec', '', ...script],
    says: ["option '--spec <file>' argument '' is invalid", 'It names no file.'],
  },
  { title: 'apply where there are no runs', args: ['apply'], says: ['there are no runs in this repository'] },
  {
    title: 'a step to pause after that is not there',
    args: run('tiny', '--pause-after', 'paln'),
    says: ['there is no step paln', 'did you mean plan?'],
  },
  {
    title: 'an agent of an unknown family on the command line',
    args: run('tiny', '--agent', 'clod-opus'),
    says: ['unknown agent family in `clod-opus`', 'claude-opus'],
  },
];

const inputs: readonly Case[] = [
  { title: 'no spec', args: ['run', 'tiny', ...script], says: ['no spec is named', '--spec spec.md'] },
  {
    title: 'no spec for a workflow that has its own idea of one',
    args: ['run', 'address-review', ...script],
    says: ['no spec is named', 'The spec is the review, its comments with path and line'],
  },
  ...['check', 'validators/check', '.gump/validators/check.yaml'].map((name) => ({
    title: `a validator that nobody gives a change: ${name}`,
    args: run(name),
    says: [
      `${name} is a validator: in a run of its own no gate gives it what it judges by, and it lacks \`diff\``,
      'hint: add --set diff="$(git diff main)" (it judges the commit',
      '- validate: validators/check',
    ],
  })),
  {
    title: 'a validator with some of what it needs',
    args: run('arch-review', '--set', 'diff=x'),
    says: ['arch-review is a validator', 'it lacks `agent`\n', 'hint: add --set agent=… (it'],
  },
  {
    title: 'a validator that is given an empty change, which would look like one in order',
    args: run('check', '--set', 'diff=\n'),
    says: ['the input `diff` is empty: there would be nothing to judge', '--set diff="$(git diff main)"'],
  },
  {
    title: 'a validator with an input that it does not use',
    args: run('check', '--set', 'diff=x', '--set', 'lens=y'),
    says: ['nothing in the workflow uses the input `lens`'],
  },
  {
    title: 'a validator that judges by what only a step around it has',
    args: run('inner'),
    says: ['it lacks `task.name`, `diff`', 'hint: name it in a gate: `- validate: validators/inner`'],
  },
  {
    title: 'an agent of an unknown family among the inputs',
    args: run('arch-review', '--set', 'diff=x', '--set', 'agent=clod-opus'),
    says: ['unknown agent family in `clod-opus`', 'did you mean `claude-opus`?'],
  },
  {
    title: 'a spec that is not there',
    args: ['run', 'tiny', '--spec', 'nope.md', ...script],
    says: ['the spec nope.md cannot be read'],
  },
  {
    title: 'an empty spec',
    args: ['run', 'tiny', '--spec', 'empty.md', ...script],
    says: ['empty.md:1:1: error: the spec is empty', 'hint:'],
  },
  {
    title: 'a spec of invisible characters',
    args: ['run', 'tiny', '--spec', 'invisible.md', ...script],
    says: ['the spec is empty: all that it had was 2 invisible characters'],
  },
  {
    title: 'a spec that is no UTF-8',
    args: ['run', 'tiny', '--spec', 'latin.md', ...script],
    says: [/latin\.md:2:\d+: error: the spec is not UTF-8/],
  },
  {
    title: 'an unknown workflow',
    args: run('tinny'),
    says: ['there is no workflow "tinny"', 'did you mean tiny?', 'implement-spec'],
  },
  {
    title: 'a workflow file without its ending',
    args: run('.gump/validators/inner'),
    says: ['there is no workflow ".gump/validators/inner"', 'did you mean .gump/validators/inner.yaml?'],
  },
  {
    title: 'a workflow file that is not there',
    args: run('./tiny.yaml'),
    says: ['./tiny.yaml cannot be read: there is no such file'],
  },
  {
    title: 'a workflow name that leaves the folder',
    args: run('../../tiny'),
    says: ['there is no workflow'],
  },
  {
    title: 'a validator that is not there',
    args: run('chek'),
    says: [
      '.gump/workflows/chek.yaml:16:13: error: there is no validator validators/chek',
      '16 |           - validate: validators/chek',
      'did you mean validators/check?',
    ],
  },
  {
    title: 'a validator that is not given what it needs',
    args: run('inputs'),
    says: ['validators/arch-review needs the input `agent`'],
  },
  {
    title: 'a script that is not there',
    args: ['run', 'tiny', '--spec', 'spec.md', '--agent-script', 'nope.yaml'],
    says: ['the agent script nope.yaml cannot be read'],
  },
  {
    title: 'a script with an unknown key, all problems at once',
    args: ['run', 'tiny', '--spec', 'spec.md', '--agent-script', 'wrong-script.yaml'],
    says: [
      'wrong-script.yaml:3:5: error: unknown key `turn`',
      '3 |     turn: [{say: x}]',
      'did you mean `turns`?',
      'wrong-script.yaml:4:11: error: `exit` must be',
    ],
  },
  {
    title: 'neither a script nor an installed agent',
    args: ['run', 'tiny', '--spec', 'spec.md'],
    says: ['no agent can be launched as claude-opus', '--agent-script FILE', 'npm install -g'],
  },
];

for (const { title, args, says } of [...commandLines, ...inputs]) {
  test.concurrent(`refused with one message: ${title}`, async () => {
    const told = await refused(args);
    for (const words of says) expect(told).toMatch(words);
    expect(told.match(/error: /g)?.length).toBeLessThanOrEqual(2);
  });
}

test.concurrent('every problem of a workflow file comes at once, with line, pointer and hint', async () => {
  const told = await refused(run('bad'));
  expect(told).toContain(
    [
      '.gump/workflows/bad.yaml:2:1: error: unknown key `max_bugdet` in a workflow',
      '  2 | max_bugdet: 3',
      '    | ^',
      '  hint: did you mean `max_budget`?',
    ].join('\n'),
  );
  for (const place of ['4:11', '8:5', '10:11', '13:12']) expect(told).toContain(`bad.yaml:${place}: error: `);
  expect(told.match(/ error: /g)).toHaveLength(5);
});

test.concurrent('where nothing can be put for a while, the folder is named, and nothing is begun', async () => {
  const env = { TMPDIR: '/nowhere/at-all' };
  const told = await refused(run('tiny'), { env });
  expect(told).toContain('error: the folder for temporary files /nowhere/at-all is not there');
  expect(told).toContain('hint: point TMPDIR to a folder that you may write, or unset it');
  expect(await refused(['apply'], { env })).toContain('there are no runs');
});

test.concurrent('broken YAML is told with its place', async () => {
  expect(await refused(run('torn'))).toMatch(/\.gump\/workflows\/torn\.yaml:4:\d+: error: not valid YAML: /);
});

test.concurrent('unknown agent families are refused even where a script would answer, each with the nearest', async () => {
  const told = await refused(run('agents'));
  expect(told).toContain('.gump/workflows/agents.yaml:7:12: error: unknown agent family in `clod-opus`');
  expect(told).toContain('7 |     agent: clod-opus');
  expect(told).toContain('did you mean `claude-opus`?');
  expect(told).toContain('did you mean `gemini-pro`?');
});

test.concurrent('names in templates that can never have a value are refused, each with the nearest', async () => {
  const told = await refused(run('names'));
  expect(told).toContain('names.yaml:6:20: error: `{spek}` can never have a value here');
  expect(told).toContain('did you mean `{spec}`?');
  expect(told).toContain('did you mean `{prev.gate.check.comments}`?');
});

test.concurrent('what is wrong with spec, workflow and script is told together', async () => {
  const told = await refused(['run', 'chek', '--spec', 'empty.md', '--agent-script', 'nope.yaml']);
  for (const words of ['the spec is empty', 'there is no validator', 'nope.yaml cannot be read'])
    expect(told).toContain(words);
});

test.concurrent('outside a repository, before the first commit, and where no folder is, nothing is begun', async () => {
  const files = ['--spec', join(dir, 'spec.md'), '--agent-script', join(dir, 'script.yaml')];
  const empty = join(desk.dir, 'empty');
  await mkdir(empty);
  expect(await refused(['run', 'implement-spec', ...files], { cwd: empty })).toContain(
    `${empty} is not in a git repository`,
  );
  await desk.git(empty, 'init', '-q');
  expect(await refused(['run', 'implement-spec', ...files], { cwd: empty })).toContain('has no commit yet');
  expect(await refused(['run', 'implement-spec', ...files, '--repo', 'nowhere'])).toContain(
    `there is no folder ${join(dir, 'nowhere')}`,
  );
  expect(await refused(['apply', '--repo', 'spec.md'])).toContain(
    `there is no folder ${join(dir, 'spec.md')}`,
  );
});

test('none of these refusals has changed anything in the repository', async () => {
  expect(await listing(dir)).toEqual(before);
});

test('a changed file and untracked ones stop a run; an untracked spec and script of the command do not', async () => {
  const own = await makeProject(desk, { name: 'dirty', files: { ...tinyFiles, '.gitignore': '' } });
  const { writeFiles } = await import('./project.ts');
  await writeFiles(own, {
    'README.md': 'changed\n',
    'new/x.txt': 'x',
    'specs/my spec.md': 'build\n',
    'my.yaml': tinyScript,
  });
  const clean = await listing(own);
  const args = ['run', 'tiny', '--spec', 'specs/my spec.md', '--agent-script', 'my.yaml'];
  const told = await refused(args, { cwd: own });
  expect(told).toContain('the tree is not clean: README.md, new/');
  expect(told).not.toContain('specs');
  expect(told).toContain('git stash -u');
  expect(await listing(own)).toEqual(clean);
  await desk.git(own, 'checkout', '-q', '--', 'README.md');
  expect(await refused(args, { cwd: own })).toContain('the tree is not clean: new/');
  await desk.git(own, 'clean', '-fdq', 'new');
  const { code, stderr } = await desk.gump([...args, '--pause-after', 'plan'], { cwd: own });
  expect([code, stderr]).toEqual([3, expect.stringContaining('gump run --resume')]);
});
