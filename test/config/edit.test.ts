import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { setKey, tomlLines } from '../../src/config/edit.ts';
import { type Key, keyOf } from '../../src/config/keys.ts';
import { parseConfig } from '../../src/config/parse.ts';

function key(text: string): Key {
  const found = keyOf(text);
  if ('problem' in found) throw new Error(found.problem);
  return found;
}

function set(text: string, path: string, literal: string): string {
  const edited = setKey(text, key(path), literal);
  return 'text' in edited ? edited.text : `not edited: ${edited.problem}`;
}

describe('setting a key keeps comments and layout:', () => {
  test.each([
    [
      'a value in its place',
      '[budget] # money\nmax_budget  =  5.0   # USD\n',
      'budget.max_budget',
      '20',
      '[budget] # money\nmax_budget  =  20   # USD\n',
    ],
    [
      'Gump’s spelling stays',
      '[validation]\ntest_cmd = "a"\n',
      'validation.test',
      '"b"',
      '[validation]\ntest_cmd = "b"\n',
    ],
    [
      'a new key at the end of its table',
      '[budget]\nmax_tokens = 1 # one\n\n# next\n[github]\nbase = "x"\n',
      'budget.max_budget',
      '20',
      '[budget]\nmax_tokens = 1 # one\nmax_budget = 20\n\n# next\n[github]\nbase = "x"\n',
    ],
    [
      'a new key in a table with nothing in it',
      '[budget] # none yet\n[github]\n',
      'budget.max_budget',
      '20',
      '[budget] # none yet\nmax_budget = 20\n[github]\n',
    ],
    [
      'behind the comment that shows it',
      '[budget]\n# The most.\n# max_budget = 5\n\n# max_tokens = 1\n',
      'budget.max_budget',
      '20',
      '[budget]\n# The most.\n# max_budget = 5\nmax_budget = 20\n\n# max_tokens = 1\n',
    ],
    [
      'a new table at the end',
      'default_agent = "x"',
      'budget.max_budget',
      '20',
      'default_agent = "x"\n\n[budget]\nmax_budget = 20\n',
    ],
    ['the first key of an empty file', '', 'default_agent', '"x"', 'default_agent = "x"\n'],
    ['the first table of an empty file', '', 'budget.max_budget', '20', '[budget]\nmax_budget = 20\n'],
    [
      'a key of the top before the first table and its comment',
      '# about\n\n# money\n[budget]\nmax_budget = 1\n',
      'default_agent',
      '"x"',
      '# about\n\ndefault_agent = "x"\n\n# money\n[budget]\nmax_budget = 1\n',
    ],
    [
      'line endings of Windows',
      '[budget]\r\nmax_tokens = 1\r\n',
      'budget.max_budget',
      '20',
      '[budget]\r\nmax_tokens = 1\r\nmax_budget = 20\r\n',
    ],
    [
      'a list over several lines',
      '[agents.mine]\ncommand = [\n  "a",\n  "b",\n]\n',
      'agents.mine.command',
      '["c"]',
      '[agents.mine]\ncommand = ["c"]\n',
    ],
    [
      'a value in an inline table',
      'budget = {max_budget = 1, max_tokens = 2} # x\n',
      'budget.max_budget',
      '20',
      'budget = {max_budget = 20, max_tokens = 2} # x\n',
    ],
    [
      'a quoted name',
      '[agents."claude-opus[1m]"]\nprice_in = 1\n',
      'agents.claude-opus[1m].price_in',
      '4',
      '[agents."claude-opus[1m]"]\nprice_in = 4\n',
    ],
    [
      'text over several lines stays whole',
      '[validation]\nlint = """\n[budget]\nmax_budget = 1\n"""\n',
      'budget.max_budget',
      '20',
      '[validation]\nlint = """\n[budget]\nmax_budget = 1\n"""\n\n[budget]\nmax_budget = 20\n',
    ],
  ])('%s', (_title, text, path, literal, wanted) => {
    expect(set(text, path, literal)).toBe(wanted);
  });

  test.each([
    [
      'a new key in an inline table',
      'budget = {max_tokens = 2}\n',
      'budget.max_budget',
      '20',
      '[budget] is written there as an inline table or with dotted keys',
    ],
    [
      'a new key beside dotted ones',
      'budget.max_tokens = 2\n',
      'budget.max_budget',
      '20',
      '[budget] is written there as an inline table or with dotted keys',
    ],
    [
      'a list with comments in it',
      '[agents.mine]\ncommand = [\n  "a", # why\n]\n',
      'agents.mine.command',
      '["c"]',
      'it is written in a way that cannot be edited safely',
    ],
    [
      'a file that is no TOML',
      '[budget\n',
      'budget.max_budget',
      '20',
      'it cannot be read: this is no TOML: unterminated table key',
    ],
  ])('%s is left to a person', (_title, text, path, literal, problem) => {
    expect(set(text, path, literal)).toContain(`not edited: ${problem.slice(0, 50)}`);
  });

  test('what a person writes then is told', () => {
    expect(tomlLines(key('budget.max_budget'), '20')).toBe('[budget]\nmax_budget = 20');
    expect(tomlLines(key('default_agent'), '"x"')).toBe('default_agent = "x"');
    expect(tomlLines(key('agents.claude-opus[1m].price_in'), '4')).toBe(
      '[agents."claude-opus[1m]"]\nprice_in = 4',
    );
  });
});

const parts = [
  'default_agent = "codex" # who',
  '# a comment',
  '',
  '[validation]\ntest = "t"\n# lint = "l"',
  '[budget]\n  max_tokens = 5\n  # of all\n  max_budget = 1.5',
  '[agents.mine]\ncommand = [\'a\', "b"] # mine',
  '[agents."b-2"]\nfamily = "claude"',
  '[error_context]',
  '[github]\nbase = """\nmain"""',
];
const wishes = [
  ['default_agent', '"gemini"'],
  ['validation.lint', '"x # y"'],
  ['budget.max_budget', '20'],
  ['error_context.max_error_chars', '300'],
  ['agents.mine.model', '"small"'],
  ['agents.new.family', '"claude"'],
] as const;

test('whatever the file, an edit changes one key, keeps every line that it does not change, and can be made twice', () => {
  const file = fc
    .shuffledSubarray(parts.slice(3))
    .chain((tables) =>
      fc
        .tuple(fc.shuffledSubarray(parts.slice(0, 3)), fc.constantFrom('\n', '\r\n'), fc.boolean())
        .map(([top, eol, ends]) => [...top, ...tables].join('\n').replaceAll('\n', eol) + (ends ? eol : '')),
    );
  fc.assert(
    fc.property(file, fc.constantFrom(...wishes), (text, [path, literal]) => {
      const once = set(text, path, literal);
      expect(once).not.toContain('not edited');
      expect(set(once, path, literal)).toBe(once);
      const before = text.split(/\r?\n/).filter((line) => line.trim() !== '');
      const after = once.split(/\r?\n/);
      const changed = before.filter((line) => !after.includes(line));
      expect(changed.length).toBeLessThanOrEqual(1);
      const was = parseConfig({ file: 'f', text });
      const is = parseConfig({ file: 'f', text: once });
      if (was.layer && is.layer) {
        const rest = (layer: typeof was.layer) =>
          [...(layer?.places.keys() ?? [])].filter((one) => one !== path).sort();
        expect(rest(is.layer)).toEqual(rest(was.layer));
      }
      expect(/[^\r]\n/.test(once) && /\r\n/.test(once)).toBe(false);
    }),
    { numRuns: 2_000 },
  );
});
