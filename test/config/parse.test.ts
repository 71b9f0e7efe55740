import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../src/config/parse.ts';
import { formatDiagnostic } from '../../src/diagnostic.ts';

const parse = (text: string) => parseConfig({ file: 'gump.toml', text });

/** Each problem in one line: place, message, hint. */
function problemsOf(text: string): string[] {
  return parse(text).diagnostics.map(({ severity, at, message, hint }) =>
    [`${at?.line}:${at?.column} ${severity}: ${message}`, ...(hint ? [hint] : [])].join(' | '),
  );
}

const whole = `default_agent = "codex-gpt54"

[validation]
compile = "make"
test = "make test"
lint = "make lint"
coverage = "make coverage"
from = "head"
timeout = "1h30m"

[budget]
max_budget = 20
max_tokens = 2_000_000
max_timeout = "2h"
max_parallel = 8

[error_context]
max_error_chars = 4000
max_diff_chars = 20000

[sandbox]
mode = "required"
read = ["~/.npmrc"]
write = ["/var/cache/agent"]

[breaker]
same_failures = 0

[agents.mine]
command = ["my-agent", "--headless"]
model = "small"
env = ["MY_AGENT_KEY"]

[agents."claude-opus[1m]"]
model = "claude-opus-5-5[1m]"
price_in = 4.0
price_out = 20
price_cached = 0.2
context_window = 1_000_000

[agents.fast]
family = "claude"
model = "haiku"

[agents.kimi]
acp = "kimi --acp"
upstream = "company"

[gateway.company]
url = "https://models.example.com/v1/?api-version=1"
api = "openai-chat"
key_env = "COMPANY_KEY"
key_in = "header:Api-Key"
headers = { "X-Team" = "platform" }
models = { "sonnet" = "our-sonnet" }
price_in = 0


[github]
workflow = "team/review"
base = "develop"
`;

describe('gump.toml', () => {
  test('says everything that the table of fields knows', () => {
    const { layer, diagnostics } = parse(whole);
    expect(diagnostics).toEqual([]);
    expect(layer?.config).toEqual({
      root: { default_agent: 'codex-gpt54' },
      validation: {
        ...{ compile: 'make', test: 'make test', lint: 'make lint', coverage: 'make coverage' },
        ...{ from: 'head', timeout: 90 * 60_000 },
      },
      budget: { max_budget: 20, max_tokens: 2_000_000, max_timeout: 2 * 3_600_000, max_parallel: 8 },
      error_context: { max_error_chars: 4000, max_diff_chars: 20_000 },
      breaker: { same_failures: 0 },
      agents: {
        mine: { command: ['my-agent', '--headless'], model: 'small', env: ['MY_AGENT_KEY'] },
        'claude-opus[1m]': {
          ...{ model: 'claude-opus-5-5[1m]', price_in: 4, price_out: 20, price_cached: 0.2 },
          context_window: 1_000_000,
        },
        fast: { family: 'claude', model: 'haiku' },
        kimi: { acp: 'kimi --acp', upstream: 'company' },
      },
      gateway: {
        company: {
          ...{
            url: 'https://models.example.com/v1?api-version=1',
            api: 'openai-chat',
            key_env: 'COMPANY_KEY',
          },
          ...{
            key_in: 'header:api-key',
            headers: { 'x-team': 'platform' },
            models: { sonnet: 'our-sonnet' },
          },
          price_in: 0,
        },
      },
      sandbox: { mode: 'required', read: ['~/.npmrc'], write: ['/var/cache/agent'] },
      github: { workflow: 'team/review', base: 'develop' },
    });
    expect(layer?.places.get('budget.max_tokens')).toEqual({ file: 'gump.toml', line: 13, column: 1 });
    expect(layer?.places.get('agents.mine.env')).toEqual({ file: 'gump.toml', line: 32, column: 1 });
  });

  test.each([
    ['dotted keys', 'validation.test = "t"\nagents.mine.command = ["a"]\n'],
    ['inline tables', 'validation = {test = "t"}\nagents = {mine = {command = ["a"]}}\n'],
    ['quoted keys', '["validation"]\n"test" = \'t\'\n[agents."mine"]\ncommand = ["a"]\n'],
    [
      'CRLF and a byte order mark',
      '\uFEFF[validation]\r\ntest = "t"\r\n[agents.mine]\r\ncommand = ["a"]\r\n',
    ],
  ])('may be written with %s', (_name, text) => {
    const { layer, diagnostics } = parse(text);
    expect(diagnostics).toEqual([]);
    expect(layer?.config).toMatchObject({ validation: { test: 't' }, agents: { mine: { command: ['a'] } } });
  });

  test('may be empty', () => {
    expect(parse('')).toMatchObject({ diagnostics: [], layer: { config: { root: {}, agents: {} } } });
  });

  test('takes Gump’s spellings, which mean the same', () => {
    const text =
      '[validation]\ncompile_cmd = "c"\ntest_cmd = "t"\nlint_cmd = "l"\ncoverage_cmd = "o"\ntimeout = "5m"\n';
    expect(parse(text)).toMatchObject({
      diagnostics: [],
      layer: {
        config: { validation: { compile: 'c', test: 't', lint: 'l', coverage: 'o', timeout: 300_000 } },
      },
    });
  });

  test('warns of what only Gump itself uses', () => {
    const text =
      'log_level = "debug"\n[display]\nverbose = true\n[analytics]\nenabled = false\n[update]\ncheck = false\n';
    const { layer, diagnostics } = parse(text);
    expect(layer).not.toBeNull();
    expect(diagnostics.map(({ severity, message }) => [severity, message.split(':')[0]])).toEqual([
      ['warning', '`log_level` is not used here'],
      ['warning', '`display` is not used here'],
      ['warning', '`analytics` is not used here'],
      ['warning', '`update` is not used here'],
    ]);
  });
});

describe('every mistake is told with its place, all at once:', () => {
  test('many of them', () => {
    const text =
      'defalt_agent = "x"\n[budgets]\n[validation]\ntset = "x"\nfrom = "main"\n[budget]\nmax_budget = "20"\n';
    expect(problemsOf(text)).toEqual([
      '1:1 error: unknown key `defalt_agent` in the top of the file | did you mean `default_agent`?',
      '2:2 error: unknown key `budgets` in the top of the file | did you mean `budget`?',
      '4:1 error: unknown key `tset` in [validation] | did you mean `test`?',
      '5:8 error: `from` is one of "base", "head", not the text `main`',
      '7:14 error: `max_budget` is an amount in USD above 0, such as `20.00`, not the text `20`',
    ]);
  });

  test('with the source line and a pointer', () => {
    const [first] = parse('[budget]\n  max_parallel = 0 # none\n').diagnostics;
    expect(first && formatDiagnostic(first)).toBe(
      'gump.toml:2:18: error: `max_parallel` is a whole number from 1 to 256, not `0`\n  2 |   max_parallel = 0 # none\n    |                  ^',
    );
  });

  test.each([
    [
      'max_budget = 20\n',
      '1:1 error: unknown key `max_budget` in the top of the file | `max_budget` belongs in [budget]',
    ],
    ['[github]\ntest = "x"\n', '2:1 error: unknown key `test` in [github] | `test` belongs in [validation]'],
    [
      '[github]\nlabel = "x"\n',
      '2:1 error: `label` in [github] is not supported yet | the label is `gump`, or `gump:<workflow>`',
    ],
    [
      'validation = 3\n',
      '1:1 error: `validation` is a table, not `3` | a table begins with its name in brackets',
    ],
    [
      '[[budget]]\nmax_budget = 3\n',
      '1:3 error: `budget` is a table, not `[...]` | a table begins with its name in brackets',
    ],
    [
      '[validation]\ntest = "a"\ntest_cmd = "b"\n',
      '3:1 error: `test` and `test_cmd` are two spellings of one key | leave one of them, `test`',
    ],
    [
      '[validation]\ntimeout = 600\n',
      '2:11 error: `timeout` is a duration of at most 596h, such as `"90s"`, `"30m"` or `"1h30m"`, not `600`',
    ],
    [
      '[validation]\ntest = ["npm", "test"]\n',
      '2:8 error: `test` is a shell command that is not empty, not `["npm", "test"]`',
    ],
    ['[budget]\nmax_tokens = 1.5\n', '2:14 error: `max_tokens` is a whole number of at least 1, not `1.5`'],
    [
      '[budget]\nmax_budget = -3\n',
      '2:14 error: `max_budget` is an amount in USD above 0, such as `20.00`, not `-3`',
    ],
    [
      '[budget]\nmax_budget = inf\n',
      '2:14 error: `max_budget` is an amount in USD above 0, such as `20.00`, not `Infinity`',
    ],
    [
      '[budget]\nmax_parallel = 1000\n',
      '2:16 error: `max_parallel` is a whole number from 1 to 256, not `1000`',
    ],
    [
      '[error_context]\nmax_error_chars = 10\n',
      '2:19 error: `max_error_chars` is a whole number from 256 to 16384, not `10`',
    ],
    [
      '[error_context]\nmax_diff_chars = 9999999\n',
      '2:18 error: `max_diff_chars` is a whole number from 256 to 131072, not `9999999`',
    ],
    [
      'default_agent = "claude sonnet"\n',
      '1:17 error: `default_agent` is the name of an agent, such as `"claude-sonnet"`, not the text `claude sonnet`',
    ],
    [
      '[github]\nbase = "-x"\n',
      '2:8 error: `base` is a name of letters, digits, `_`, `-`, `.` and `/`, not the text `-x`',
    ],
    [
      '[agents.mine]\ncommand = "my-agent --headless"\n',
      '2:11 error: `command` is a list of words, the program and its arguments, such as `["my-agent", "--headless"]`, not the text `my-agent --headless` | no shell reads it, so each word stands for itself',
    ],
    [
      '[agents.mine]\ncommand = ["./agent.sh"]\n',
      '2:11 error: `command` is a program on PATH or an absolute path, not `["./agent.sh"]` | a relative one would be looked for in the tree that the agent works in',
    ],
    [
      '[agents.mine]\ncommand = []\n',
      '2:11 error: `command` is a list of words, the program and its arguments, such as `["my-agent", "--headless"]`, not an empty list',
    ],
    [
      '[agents.mine]\ncommand = ["a"]\nenv = ["GITHUB_TOKEN"]\n',
      '3:7 error: `env` is a list of names without `GITHUB_TOKEN`, not `["GITHUB_TOKEN"]` | an agent gets no credential of GitHub\'s and nothing of gump\'s own',
    ],
    [
      '[agents.mine]\ncommand = ["a"]\nenv = ["A-B"]\n',
      '3:7 error: `env` is a list of names of variables, such as `["MY_AGENT_KEY"]`, not `["A-B"]`',
    ],
    [
      '[agents.mine]\nmodel = "x"\n',
      '1:9 error: the agent `mine` does not say how it is started | say `command = ["my-agent"]` for an agent of your own, or `family = "claude"` for another name of one',
    ],
    [
      '[agents.mine]\ncommand = ["a"]\nacp = "b"\n',
      '1:9 error: the agent `mine` has both a `command` and an `acp` command; it is started by one',
    ],
    [
      '[agents.mine]\ncommand = ["a"]\nfamily = "claude"\n',
      '1:9 error: the agent `mine` has a command of its own and cannot be of a `family`',
    ],
    [
      '[agents.mine]\nfamily = "claude"\nenv = ["A"]\n',
      '1:9 error: `env` of the agent `mine` goes with a `command`, and there is none',
    ],
    [
      '[agents.claude-opus]\ncommand = ["a"]\n',
      '1:9 error: `claude-opus` is an agent of the claude CLI and cannot have a command | give the command a name of its own, such as [agents.my-claude-opus]',
    ],
    [
      '[agents.claude-opus]\nfamily = "codex"\n',
      '1:9 error: `claude-opus` is an agent of the claude CLI, not of codex',
    ],
    ['[agents.pass]\ncommand = ["a"]\n', '1:9 error: `pass` is no agent: it launches nothing'],
    [
      '[agents."a b"]\ncommand = ["a"]\n',
      '1:9 error: `a b` cannot be the name of an agent | letters, digits, `-`, `_`, `.`, at most 64 characters, a letter or digit first',
    ],
    [
      '[agents]\nmine = "my-agent"\n',
      '2:1 error: `mine` is a table, not the text `my-agent` | a table begins with its name in brackets',
    ],
    [
      '[agents.x]\nfamily = "gmini"\n',
      '2:10 error: `family` is one of "claude", "codex", "gemini", "qwen", "opencode", "cursor", "copilot", "pi", not the text `gmini`',
    ],
  ])('%j', (text, problem) => {
    expect(problemsOf(text)).toEqual([problem]);
    expect(parse(text).layer).toBeNull();
  });

  test.each([
    ['[budget]\nmax_budget = \n', '2:13 error: this is no TOML: unspecified values are invalid'],
    ['[budget]\nmax_budget = $20\n', '2:14 error: this is no TOML: unexpected character'],
    ['[a]\nx = 1\n[a]\n', '3:2 error: this is no TOML: defining a key multiple times is invalid'],
    ['default_agent = claude\n', '1:17 error: this is no TOML: unexpected character'],
  ])('what is no TOML: %j', (text, problem) => {
    expect(problemsOf(text).map((line) => line.split(' | ')[0])).toEqual([problem]);
  });
});

describe('a hostile file', () => {
  test.each(['__proto__', 'constructor', 'toString', 'hasOwnProperty'])(
    'with the key %s is told like any other',
    (key) => {
      const [problem] = problemsOf(`${key} = 1\n[validation]\n${key} = 1\n`);
      expect(problem).toContain(`unknown key \`${key}\` in the top of the file`);
      expect(({} as Record<string, unknown>).polluted).toBeUndefined();
      const agents = parse(`[agents.${key}]\ncommand = ["a"]\npolluted = 1\n`);
      expect(agents.layer).toBeNull();
    },
  );

  test('an agent may be called constructor', () => {
    expect(parse('[agents.constructor]\ncommand = ["a"]\n').layer?.config.agents).toEqual({
      constructor: { command: ['a'] },
    });
  });

  test('that is nested a hundred thousand times, or too large, is refused with one problem', () => {
    const deep = `a = ${'['.repeat(100_000)}${']'.repeat(100_000)}\n`;
    expect(problemsOf(deep)).toEqual([expect.stringContaining('nested too deeply')]);
    expect(problemsOf(`a = "${'x'.repeat(300_000)}"\n`)).toEqual([
      expect.stringContaining('more than 262144 bytes'),
    ]);
  });

  test('shows no control characters on a terminal', () => {
    const { diagnostics } = parse('[validation]\n"te\\u001bst" = 1\n"\u202etest" = 1\n');
    const shown = diagnostics.map(formatDiagnostic).join('\n');
    expect(shown).not.toMatch(/[\x1b\u202e]/);
  });
});
