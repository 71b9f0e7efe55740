import { describe, expect, test } from 'vitest';
import { parseCommand } from '../../../src/github/commands/commands.ts';
import { verbs } from '../../../src/github/commands/grammar.ts';
import { isBranchName, isWorkflowName } from '../../../src/github/commands/names.ts';

const nothing = { agent: null, maxBudgetUsd: null, maxParallel: null, base: null, dryRun: false };

describe('the first line of a comment is a command when it begins with /gump', () => {
  test.each(verbs)('the verb %s is known', (verb) => {
    const operand = { budget: ' 20', replay: ' build/task-1' }[verb as string] ?? '';
    expect(parseCommand(`/gump ${verb}${operand}`)).toMatchObject({ verb, problems: [] });
  });

  test.each([
    ['/gump', 'help'],
    ['/gump   ', 'help'],
    ['/gump RUN', 'run'],
    ['   /gump run', 'run'],
    ['/gump\trun', 'run'],
    ['/gump run\r\nthanks', 'run'],
    ['/gump run\n/gump stop', 'run'],
    ['/gump run\n```\n/gump stop\n```', 'run'],
  ])('%j is %s', (body, verb) => {
    expect(parseCommand(body)).toMatchObject({ verb, problems: [] });
  });

  test('what stands behind another verb is kept as written', () => {
    expect(parseCommand('/gump reject  the tests  lie')).toMatchObject({
      verb: 'reject',
      argument: 'the tests lie',
    });
  });
});

describe('a comment is no command', () => {
  test.each([
    ['empty', ''],
    ['the command in the second line', 'please\n/gump run'],
    ['an empty first line', '\n/gump run'],
    ['quoted', '> /gump run'],
    ['quoted without a space', '>/gump run'],
    ['indented by four spaces', '    /gump run'],
    ['indented by a tab', '\t/gump run'],
    ['inside a fenced block', '```\n/gump run\n```'],
    ['inside a fenced block of tildes', '~~~\n/gump run\n~~~'],
    ['a code span', '`/gump run`'],
    ['inside an HTML comment', '<!-- /gump run -->'],
    ['behind an HTML comment', '<!-- x -->/gump run'],
    ['behind an invisible character', '\u200b/gump run'],
    ['behind a byte order mark', '\ufeff/gump run'],
    ['behind a bidirectional override', '\u202e/gump run'],
    ['behind a mention', '@somebody /gump run'],
    ['a longer word', '/gumption run'],
    ['another case of the name', '/GUMP run'],
    ['a list item', '- /gump run'],
    ['a heading', '# /gump run'],
    ['a look-alike letter', '/gu\u043cp run'],
    ['a line separator inside', '/gump run\u2028/gump stop'],
  ])('%s', (_why, body) => {
    expect(parseCommand(body)).toBeNull();
  });
});

describe('the options of run', () => {
  test.each([
    ['/gump run', null, nothing],
    ['/gump run freeform', 'freeform', nothing],
    ['/gump run agent=claude-opus', null, { ...nothing, agent: 'claude-opus' }],
    ['/gump run max-budget=12.50 tdd', 'tdd', { ...nothing, maxBudgetUsd: 12.5 }],
    ['/gump run max-parallel=8 base=release/1.x', null, { ...nothing, maxParallel: 8, base: 'release/1.x' }],
    ['/gump run dry-run', null, { ...nothing, dryRun: true }],
    ['/gump run dry-run=false', null, nothing],
    ['/gump run Agent=o3', null, { ...nothing, agent: 'o3' }],
    ['/gump run max-budget=$12.50', null, { ...nothing, maxBudgetUsd: 12.5 }],
  ])('%s', (body, workflow, options) => {
    expect(parseCommand(body)).toEqual({
      verb: 'run',
      workflow,
      options,
      argument: body.slice('/gump run'.length).trim(),
      problems: [],
    });
  });
});

describe('a wrong command is one answer that names what is meant', () => {
  test.each([
    ['/gump runn', 'did you mean `run`?'],
    ['/gump statsu', 'did you mean `status`?'],
    ['/gump frobnicate', 'There are: `run`'],
    ['/gump run agnt=x', 'did you mean `agent`?'],
    ['/gump run max_budget=3', 'did you mean `max-budget`?'],
    ['/gump run --dry-run', 'did you mean `dry-run`?'],
    ['/gump run a b', 'More than one workflow'],
    ['/gump run agent=a agent=b', 'given twice'],
    ['/gump run agent=', 'it has no value'],
    ['/gump run agent', 'it has no value'],
    ['/gump run max-parallel=0', 'a whole number from 1 to 256'],
    ['/gump run max-budget=-1', 'above 0'],
    ['/gump run max-budget=1e9', 'above 0'],
    ['/gump run max-budget=0', 'above 0'],
    ['/gump run constructor=1', 'no option `constructor`'],
    ['/gump constructor', 'no command `constructor`'],
    ['/gump resume agent=x', '`/gump resume` does not take `agent=`. It takes: `max-budget`.'],
    ['/gump resume max-budgt=3', 'did you mean `max-budget`?'],
    ['/gump status agent=x', 'takes no options'],
    ['/gump status now', 'it takes nothing, and `now` stands behind it'],
    ['/gump budget', '`/gump budget` needs an amount in US dollars'],
    ['/gump budget lots', '`lots` cannot be an amount in US dollars'],
    ['/gump budget 0', 'above 0'],
    ['/gump budget 5 6', 'More than one amount is named'],
    ['/gump replay', '`/gump replay` needs the name of a step'],
    ['/gump replay ../x', 'cannot be the name of a step'],
    ['/gump replay a b', 'More than one step is named'],
  ])('%s', (body, part) => {
    const problems = parseCommand(body)?.problems ?? [];
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(part);
  });

  test('all problems are told at once', () => {
    expect(parseCommand('/gump run a/../b agnet=1 max-parallel=x')?.problems).toHaveLength(3);
  });
});

describe('a hostile command is refused and echoed harmlessly', () => {
  const hostile = [
    '/gump run base=--upload-pack=touch',
    '/gump run base=-x',
    '/gump run base=a..b',
    '/gump run base=refs/heads/x.lock',
    '/gump run base=$(id)',
    '/gump run base=a;id',
    '/gump run base=a\u202eb',
    '/gump run base=a//b',
    '/gump run base=a/.git/x',
    '/gump run base=a@{1}',
    '/gump run agent=../../etc/passwd',
    '/gump run agent=`id`',
    '/gump run agent=${{github.token}}',
    '/gump run agent=@everyone',
    '/gump run ../../../etc/passwd',
    '/gump run /etc/passwd',
    '/gump run validators/../../x',
    '/gump run <script>alert(1)</script>',
    '/gump run [x](http://evil.example)',
    '/gump run workflow\u0000name',
    '/gump @everyone',
    '/gump ![x](http://evil.example/x.png)',
    '/gump `run`',
    '/gump ru\u200bn',
    `/gump run ${'a'.repeat(5000)}`,
    `/gump ${'run '.repeat(2000)}`,
    `/gump run agent=${'x'.repeat(300)}`,
  ];
  test.each(hostile)('%j', (body) => {
    const command = parseCommand(body);
    expect(command?.problems.length).toBeGreaterThan(0);
    for (const problem of command?.problems ?? []) {
      expect(problem.length).toBeLessThan(500);
      // Outside of code spans nothing of the comment stands.
      expect(problem.replace(/`[^`]*`/g, '')).not.toMatch(/[@<[\]$\u0000-\u001f\u200b\u202e]/);
    }
  });
});

describe('names', () => {
  test.each(['implement-spec', 'a', 'team/review', 'A_1'])('%s names a workflow', (name) => {
    expect(isWorkflowName(name)).toBe(true);
  });
  test.each(['', '-a', '../a', 'a/', '/a', 'a b', 'a.yaml', 'a/../b', 'a'.repeat(200)])(
    '%j does not',
    (name) => {
      expect(isWorkflowName(name)).toBe(false);
    },
  );
  test.each(['main', 'release/1.x', 'v1.0.0', 'feature_x'])('%s names a branch', (name) => {
    expect(isBranchName(name)).toBe(true);
  });
  test.each(['', '-x', '.x', 'x.', 'x/', 'a..b', 'a b', 'a~1', 'a^', 'a:b', 'x.lock'])(
    '%j does not',
    (name) => {
      expect(isBranchName(name)).toBe(false);
    },
  );
});
