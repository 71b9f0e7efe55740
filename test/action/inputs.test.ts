import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readInputs } from '../../action/inputs.ts';
import type { Environment } from '../../action/reader.ts';

let dir: string;
let env: Environment;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'gump-inputs-'));
  await mkdir(path.join(dir, 'work'));
  await writeFile(path.join(dir, 'event.json'), '{"inputs":{}}');
  await writeFile(path.join(dir, 'work/spec.md'), '# Add a greeting\n');
  await writeFile(path.join(dir, 'work/script.yaml'), 'rules: []\n');
  await writeFile(path.join(dir, 'outside.md'), 'secret\n');
  env = {
    GITHUB_EVENT_NAME: 'workflow_dispatch',
    GITHUB_EVENT_PATH: path.join(dir, 'event.json'),
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_WORKSPACE: path.join(dir, 'work'),
    RUNNER_TEMP: dir,
    'INPUT_GITHUB-TOKEN': 'ghs_token',
    INPUT_SPEC: 'spec.md',
  };
});
afterEach(async () => {
  await rm(dir, { recursive: true, force: true });
});

const problemsOf = (more: Environment): readonly string[] => readInputs({ ...env, ...more }).problems;

describe('the input agent-cli', () => {
  test('is a list of CLIs at exact versions, kept in the tool cache of the runner', () => {
    const more = { 'INPUT_AGENT-CLI': 'claude-code@2.1.330\ncodex@0.169.0\n', RUNNER_TOOL_CACHE: '/tools' };
    const { inputs } = readInputs({ ...env, ...more });
    expect(inputs?.agentClis.map(({ cli, version }) => `${cli.package}@${version}`)).toEqual([
      '@anthropic-ai/claude-code@2.1.330',
      '@openai/codex@0.169.0',
    ]);
    expect(inputs?.toolCache).toBe('/tools');
  });

  test('tells every wrong line, beside what else is wrong', () => {
    expect(problemsOf({ 'INPUT_AGENT-CLI': 'claude-code@latest\ncodx@1.0.0', INPUT_MODE: 'rum' })).toEqual([
      expect.stringContaining('`mode`'),
      expect.stringContaining('exact versions only'),
      expect.stringContaining('Did you mean `codex`?'),
    ]);
  });
});

describe('who commanded', () => {
  const order = JSON.stringify({ by: 'acme', seq: '7' });
  test.each([
    [
      'a person who dispatches it by hand, whatever the order says',
      { login: 'wilma', type: 'User' },
      'wilma',
    ],
    ['whom the App names', { login: 'gump[bot]', type: 'Bot' }, 'acme'],
  ] as const)('is %s', async (_, sender, by) => {
    await writeFile(path.join(dir, 'event.json'), JSON.stringify({ sender, inputs: {} }));
    const { inputs } = readInputs({ ...env, INPUT_ORDER: order });
    expect(inputs).toMatchObject({ by, seq: 7 });
  });
});

describe('inputs that are right', () => {
  test('a spec file needs nothing else', () => {
    expect(readInputs(env).inputs).toMatchObject({
      ...{
        command: 'run',
        mode: 'run',
        workflow: null,
        owner: 'acme',
        repo: 'shop',
        token: 'ghs_token',
      },
      ...{
        issue: null,
        runId: null,
        agentScript: null,
        agent: null,
        maxBudgetUsd: null,
        maxParallel: null,
        base: null,
      },
      spec: { kind: 'file', path: 'spec.md', text: '# Add a greeting\n' },
      ...{ apiUrl: 'https://api.github.com', graphqlUrl: 'https://api.github.com/graphql' },
    });
  });

  test('all that the App fills in arrives as it was sent', () => {
    const given = {
      ...{ INPUT_SPEC: '', INPUT_ISSUE: '12', 'INPUT_RUN-ID': 'issue-12-501', INPUT_WORKFLOW: 'tdd' },
      ...{
        'INPUT_SPEC-COMMIT': 'a'.repeat(40),
        'INPUT_SPEC-HASH': 'b'.repeat(64),
        INPUT_AGENT: 'claude-opus',
      },
      ...{
        'INPUT_MAX-BUDGET': '12.50',
        'INPUT_MAX-PARALLEL': '3',
        INPUT_BASE: 'release/1.x',
        INPUT_MODE: 'dry-run',
      },
      ...{ 'INPUT_AGENT-SCRIPT': 'script.yaml', GITHUB_API_URL: 'https://ghe.example/api/v3' },
    };
    expect(readInputs({ ...env, ...given }).inputs).toMatchObject({
      ...{ issue: 12, runId: 'issue-12-501', workflow: 'tdd', agent: 'claude-opus', maxBudgetUsd: 12.5 },
      ...{
        maxParallel: 3,
        base: 'release/1.x',
        mode: 'dry-run',
        graphqlUrl: 'https://ghe.example/api/graphql',
      },
      spec: { kind: 'commit', commit: 'a'.repeat(40), hash: 'b'.repeat(64) },
    });
  });

  test('what is set is one input a line, its text as it stands', () => {
    const text = '\n  feature=a = b \r\n\n__proto__={spec} $(x)\nlast=';
    const { inputs } = readInputs({ ...env, INPUT_SET: text });
    expect(Object.entries(inputs?.set ?? {})).toEqual([
      ['feature', 'a = b '],
      ['__proto__', '{spec} $(x)'],
      ['last', ''],
    ]);
    expect(readInputs(env).inputs?.set).toEqual({});
  });

  test('an issue alone is its own spec', () => {
    expect(readInputs({ ...env, INPUT_SPEC: '', INPUT_ISSUE: '12' }).inputs?.spec).toEqual({ kind: 'issue' });
  });

  test('resume needs no spec', () => {
    const given = { INPUT_SPEC: '', INPUT_COMMAND: 'resume', 'INPUT_RUN-ID': 'issue-12-501' };
    expect(readInputs({ ...env, ...given }).inputs).toMatchObject({ command: 'resume', spec: null });
  });
});

describe('each wrong input has one clear sentence', () => {
  test.each<[string, Environment, RegExp]>([
    ['a missing token', { 'INPUT_GITHUB-TOKEN': '' }, /`github-token` is empty/],
    [
      'a line of `set` without a name',
      { INPUT_SET: 'a=b\nword' },
      /`set` takes .* of its line 2, it is no `name=text`/,
    ],
    [
      'a name of `set` that is none',
      { INPUT_SET: '-x y=1' },
      /of its line 1, it begins with no name: .*letters/,
    ],
    ['an input that is set twice', { INPUT_SET: 'a=1\na=2' }, /of its line 2, `a` is given twice/],
    [
      'an event of an unknown kind',
      { GITHUB_EVENT_NAME: 'frobnicate' },
      /event file is of an unknown kind, `frobnicate`/,
    ],
    [
      'an event of anybody',
      { GITHUB_EVENT_NAME: 'issue_comment' },
      /`issue_comment` can be caused by anybody/,
    ],
    [
      "an event that a stranger's pull request leads to",
      { GITHUB_EVENT_NAME: 'workflow_run' },
      /`workflow_run` can be caused by anybody/,
    ],
    ['no event', { GITHUB_EVENT_NAME: undefined }, /GITHUB_EVENT_NAME is not set/],
    ['no event file', { GITHUB_EVENT_PATH: undefined }, /GITHUB_EVENT_PATH is not set/],
    ['an event file that is not there', { GITHUB_EVENT_PATH: '/nowhere.json' }, /it cannot be read/],
    ['no repository', { GITHUB_REPOSITORY: 'acme' }, /GITHUB_REPOSITORY/],
    ['no spec', { INPUT_SPEC: '' }, /There is no spec/],
    ['a spec that is not there', { INPUT_SPEC: 'nowhere.md' }, /`spec` does not exist: `nowhere.md`/],
    ['a spec outside', { INPUT_SPEC: '../outside.md' }, /outside of the repository/],
    ['an absolute spec', { INPUT_SPEC: '/etc/hostname' }, /outside of the repository/],
    ['a folder as spec', { INPUT_SPEC: '.' }, /outside of the repository|does not exist/],
    ['two specs', { 'INPUT_SPEC-COMMIT': 'a'.repeat(40), INPUT_ISSUE: '1' }, /Both `spec` and `spec-commit`/],
    [
      'a commit without hash',
      { INPUT_SPEC: '', INPUT_ISSUE: '1', 'INPUT_SPEC-COMMIT': 'a'.repeat(40) },
      /belong together/,
    ],
    [
      'a short commit',
      { INPUT_SPEC: '', INPUT_ISSUE: '1', 'INPUT_SPEC-COMMIT': 'abc', 'INPUT_SPEC-HASH': 'b'.repeat(64) },
      /full id/,
    ],
    ['a script that is not there', { 'INPUT_AGENT-SCRIPT': 'no.yaml' }, /`agent-script` does not exist/],
    ['an unknown command', { INPUT_COMMAND: 'rnu' }, /`command` is one of `run`, `resume`/],
    ['a misspelt command', { INPUT_COMMAND: 'resum', 'INPUT_RUN-ID': 'x' }, /Did you mean `resume`\?/],
    ['an unknown mode', { INPUT_MODE: 'dryrun' }, /Did you mean `dry-run`\?/],
    ['resume without a run', { INPUT_COMMAND: 'resume' }, /`run-id` is missing/],
    ['a hostile run id', { 'INPUT_RUN-ID': '../../x' }, /`run-id` takes/],
    ['a hostile base', { INPUT_BASE: '--upload-pack=x' }, /`base` takes/],
    ['a hostile workflow', { INPUT_WORKFLOW: '../x' }, /`workflow` takes/],
    ['a budget of nothing', { 'INPUT_MAX-BUDGET': '0' }, /above 0/],
    ['too many at once', { 'INPUT_MAX-PARALLEL': '1000' }, /from 1 to 256/],
    ['an issue that is no number', { INPUT_SPEC: '', INPUT_ISSUE: '#12' }, /`issue` takes the number/],
  ])('%s', (_what, more, sentence) => {
    const problems = problemsOf(more);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(sentence);
  });

  test('an empty spec', async () => {
    await writeFile(path.join(dir, 'work/empty.md'), ' \n');
    expect(problemsOf({ INPUT_SPEC: 'empty.md' })).toEqual([expect.stringMatching(/is empty/)]);
  });

  test('a link that leads outside', async () => {
    await symlink('../outside.md', path.join(dir, 'work/link.md'));
    expect(problemsOf({ INPUT_SPEC: 'link.md' })).toEqual([
      expect.stringMatching(/outside of the repository/),
    ]);
  });

  test('an event file that is no JSON', async () => {
    await writeFile(path.join(dir, 'event.json'), '{');
    expect(problemsOf({})).toEqual([expect.stringMatching(/it is not JSON/)]);
  });

  test('an event file without an object', async () => {
    await writeFile(path.join(dir, 'event.json'), '[]');
    expect(problemsOf({})).toEqual([expect.stringMatching(/does not hold a JSON object/)]);
  });

  test('all of them are told at once, and no value of a secret', () => {
    const problems = problemsOf({
      ...{
        'INPUT_GITHUB-TOKEN': '',
        INPUT_BASE: '-x',
        INPUT_MODE: 'x',
        INPUT_ISSUE: 'x',
        INPUT_SPEC: 'nowhere',
      },
      ...{ 'INPUT_MAX-BUDGET': 'x', GITHUB_EVENT_NAME: 'x' },
    });
    expect(problems).toHaveLength(7);
    expect(problemsOf({ INPUT_BASE: '-x' }).join()).not.toContain('ghs_token');
  });
});

describe('a branch of a run that has fanned out', () => {
  const task = { INPUT_COMMAND: 'task', 'INPUT_RUN-ID': 'issue-7-1' };

  test('is named by its path, and by nothing else', () => {
    expect(readInputs({ ...env, ...task, INPUT_TASK: 'build/task-1' }).inputs).toMatchObject({
      ...{ command: 'task', task: 'build/task-1', fanOut: false },
    });
    expect(problemsOf(task)).toEqual([expect.stringContaining('The input `task` is missing')]);
    for (const wrong of ['build', 'build/../x', 'build/$(x)', 'a b/c'])
      expect(problemsOf({ ...task, INPUT_TASK: wrong })).toEqual([
        expect.stringContaining('the path of a branch'),
      ]);
    expect(readInputs({ ...env, INPUT_TASK: 'build/task-1' }).inputs?.task).toBe(null);
  });

  test('leaves only a run that was told so', () => {
    expect(readInputs({ ...env, 'INPUT_FAN-OUT': 'true' }).inputs?.fanOut).toBe(true);
    expect(problemsOf({ 'INPUT_FAN-OUT': 'yes' })).toEqual([expect.stringContaining('`fan-out` is one of')]);
    expect(problemsOf({ INPUT_COMMAND: 'join' })).toEqual([expect.stringContaining('`run-id` is missing')]);
  });
});
