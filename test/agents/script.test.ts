import { describe, expect, it } from 'vitest';
import { type AgentScript, chooseRule, parseAgentScript } from '../../src/agents/script.ts';
import { formatDiagnostic } from '../../src/diagnostic.ts';

const issueExample = `
rules:                      # the first rule whose conditions all hold is played
  - step: decompose
    tasks: [{name: greeting, description: "…", files: [src/greeting.js, test/greeting.test.js]}]
  - step: decompose/greeting/converge
    attempt: 1
    turns:
      - say: "text"
        write: {src/greeting.js: "content"}
        delete: [old.js]
        run: "sh command"
        usage: {input_tokens: 1200, output_tokens: 300, cost: 0.02}
        sleep_ms: 50
    exit: 0
  - step: "**/review/*"
    attempt: 1
    verdict: {pass: false, comments: "…", findings: [{path: src/greeting.js, line: 3, severity: error, body: "…"}]}
`;

function parsed(text: string): AgentScript {
  const { script, diagnostics } = parseAgentScript({ file: 'script.yaml', text });
  expect(diagnostics).toEqual([]);
  if (!script) throw new Error('no script');
  return script;
}

function problems(text: string): string[] {
  const { script, diagnostics } = parseAgentScript({ file: 'script.yaml', text });
  expect(script).toBeNull();
  return diagnostics.map(formatDiagnostic);
}

function where(step: string, more: Partial<Parameters<typeof chooseRule>[1]> = {}) {
  return { step, attempt: 1, agent: 'claude-sonnet', session: 'new' as const, ...more };
}

describe('an agent script', () => {
  it('is read as the documentation writes it', () => {
    const script = parsed(issueExample);
    expect(script.rules).toHaveLength(3);
    expect(script.rules[1]).toEqual({
      step: 'decompose/greeting/converge',
      attempt: 1,
      turns: [
        {
          say: 'text',
          write: { 'src/greeting.js': 'content' },
          delete: ['old.js'],
          run: 'sh command',
          usage: { input_tokens: 1200, output_tokens: 300, cost: 0.02 },
          sleep_ms: 50,
        },
      ],
      exit: 0,
    });
  });

  it('tells an unknown key with its position, its source line and the nearest key', () => {
    const [problem] = problems('rules:\n  - step: a\n    atempt: 2\n');
    expect(problem).toBe(
      [
        'script.yaml:3:5: error: unknown key `atempt` in an entry of `rules`',
        '  3 |     atempt: 2',
        '    |     ^',
        '  hint: did you mean `attempt`?',
      ].join('\n'),
    );
  });

  it('tells all problems at once, in the order of the file', () => {
    const text = [
      'rules:',
      '  - attempt: 0',
      '    session: old',
      '    turns:',
      '      - say: 5',
      '        write: [a]',
      '        usage: {input_tokens: -1, tokens: 3}',
      '    exit: boom',
      'rule: 1',
    ].join('\n');
    expect(problems(text).map((problem) => problem.split('\n')[0])).toEqual([
      'script.yaml:2:5: error: an entry of `rules` has no `step`, which it needs',
      'script.yaml:2:14: error: `attempt` must be a whole number of at least 1, not `0`',
      'script.yaml:3:14: error: `session` must be `new` or `resumed`, not the text `old`',
      'script.yaml:5:14: error: `say` must be text, not `5`',
      'script.yaml:6:16: error: `write` must be a map of names to text, not a list',
      'script.yaml:7:31: error: `input_tokens` must be a whole number of at least 0, not `-1`',
      'script.yaml:7:35: error: unknown key `tokens` in `usage`',
      'script.yaml:8:11: error: `exit` must be a whole number from 0 to 255 or `crash` or `hang`, not the text `boom`',
      'script.yaml:9:1: error: unknown key `rule` in the file',
    ]);
  });

  it.each([
    ['', 'script.yaml:1:1: error: the file must be a map with the keys rules, not empty'],
    ['- a', 'script.yaml:1:1: error: the file must be a map with the keys rules, not a list'],
    ['rules: {}', 'script.yaml:1:8: error: `rules` must be a list, not a map'],
    [
      'rules:\n  - step: ""',
      'script.yaml:2:11: error: `step` must be text that is not empty, not empty text',
    ],
    ['rules:\n  -', 'script.yaml:2:4: error: an entry of `rules` must be a map with the keys step'],
  ])('%j is refused at its place', (text, message) => {
    expect(problems(text).join('\n')).toContain(message);
  });

  it('tells broken YAML with its place instead of reading half of it', () => {
    const [problem] = problems('rules:\n  - step: a\n   turns: [\n');
    expect(problem).toMatch(/^script\.yaml:\d+:\d+: error: invalid YAML: /);
  });

  it('refuses a key that stands twice', () => {
    expect(problems('rules:\n  - step: a\n    step: b\n')[0]).toContain(
      'script.yaml:3:5: error: invalid YAML',
    );
  });

  it('refuses aliases that multiply without end', () => {
    const lines = ['a: &a [x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 9; i++) {
      const name = String.fromCharCode(97 + i);
      const before = `*${String.fromCharCode(96 + i)}`;
      lines.push(`${name}: &${name} [${Array(9).fill(before).join(', ')}]`);
    }
    expect(problems(`${lines.join('\n')}\nrules: *i\n`)[0]).toContain('not YAML that can be read');
  });

  it('reads an alias as what it stands for', () => {
    const script = parsed('rules:\n  - &first {step: a, exit: 3}\n  - *first\n');
    expect(script.rules).toEqual([
      { step: 'a', exit: 3 },
      { step: 'a', exit: 3 },
    ]);
  });

  it('refuses a rule that gives two results', () => {
    const [problem] = problems('rules:\n  - step: a\n    tasks: []\n    verdict: {pass: true}\n');
    expect(problem).toContain('script.yaml:4:14: error: a rule has either `tasks` or `verdict`');
  });

  it('may hold a malformed result, so that one can be rehearsed', () => {
    expect(
      parsed('rules: [{step: a, verdict: {comments: no}}, {step: b, tasks: [{name: ""}]}]').rules,
    ).toHaveLength(2);
  });
});

describe('the rule that is played', () => {
  it('is the first whose conditions all hold', () => {
    const script = parsed(
      'rules: [{step: a, attempt: 2, exit: 1}, {step: a, agent: "claude-*", session: resumed, exit: 2}, {step: a, exit: 3}]',
    );
    expect(chooseRule(script, where('a'))?.exit).toBe(3);
    expect(chooseRule(script, where('a', { attempt: 2 }))?.exit).toBe(1);
    expect(chooseRule(script, where('a', { session: 'resumed' }))?.exit).toBe(2);
    expect(chooseRule(script, where('a', { session: 'resumed', agent: 'codex' }))?.exit).toBe(3);
  });

  it('is none where no condition holds', () => {
    expect(chooseRule(parsed('rules: [{step: a}]'), where('b'))).toBeNull();
    expect(chooseRule(parsed('rules: []'), where('b'))).toBeNull();
  });

  it.each([
    ['decompose/greeting/converge', 'decompose/greeting/converge', true],
    ['decompose/*/converge', 'decompose/greeting/converge', true],
    ['decompose/*', 'decompose/greeting/converge', false],
    ['*', 'decompose/greeting', false],
    ['**', 'decompose/greeting/converge/review/judge', true],
    ['**/review/*', 'decompose/greeting/converge/review/judge', true],
    ['**/review/*', 'decompose/greeting/converge', false],
    ['**/converge', 'converge', true],
    ['{a,b}/x', 'b/x', true],
    ['!a', 'b', false],
  ])('by its glob %j and the step %j: %s', (glob, step, expected) => {
    const script: AgentScript = { file: 's', rules: [{ step: glob }] };
    expect(chooseRule(script, where(step)) !== null).toBe(expected);
  });
});
