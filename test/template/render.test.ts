import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { render } from '../../src/template/render.ts';
import { shellQuote } from '../../src/template/shell-quote.ts';
import { parseTemplate, placeholders } from '../../src/template/template.ts';
import { hostileText } from './hostile-text.ts';

const values: Readonly<Record<string, string>> = {
  spec: 'Build {id} and ${x} with {{braces}}',
  'task.name': 'greeting',
  'decompose/task-1/converge.output': 'done',
  empty: '',
};
const lookup = (name: string): string | undefined => (Object.hasOwn(values, name) ? values[name] : undefined);

describe('names', () => {
  it.each([
    ['{spec}', ['spec']],
    ['{task.name}: {spec}', ['task.name', 'spec']],
    ['{decompose/task-1/converge.output}', ['decompose/task-1/converge.output']],
    ['{{spec}}', []],
    ['{{{spec}}}', ['spec']],
    ['{ not a name }', []],
    ['{"a": 1}', []],
    ['{}', []],
    ['a{2} b{1.5}', []],
    ['{a..b} {.a} {a.} {/a}', []],
    ['{é}', []],
    ['{spec', []],
    ['{spec\n}', []],
    ['{a{spec}', ['spec']],
    ['${HOME}', ['HOME']],
  ])('of %j are %j', (text, names) => {
    expect(placeholders(text).map((found) => found.name)).toEqual(names);
  });

  it('are told with the offset of their brace', () => {
    expect(placeholders('a {b} {{c}} {d}')).toEqual([
      { name: 'b', at: 2 },
      { name: 'd', at: 12 },
    ]);
  });
});

describe('render', () => {
  it.each([
    ['Implement: {task.name}', 'Implement: greeting'],
    ['{spec}', 'Build {id} and ${x} with {{braces}}'],
    ['{{task.name}}', '{task.name}'],
    ['{{{task.name}}}', '{greeting}'],
    ['}}', '}'],
    ['{{', '{'],
    ['a }} b', 'a } b'],
    ['{"a": {"b": {}}}', '{"a": {"b": {}}}'],
    ['function f() { if (x) { return {}; }}', 'function f() { if (x) { return {}; }}'],
    ['{{"a": {{"b": 1}}}}', '{"a": {"b": 1}}'],
    ['{ not a name }', '{ not a name }'],
    ['a\n{empty}\nb', 'a\nb'],
    ['a\n{empty}{unknown}\nb', 'a\nb'],
    ['a\n{empty}', 'a'],
    ['a\r\n{empty}', 'a'],
    ['a\r\n{empty}\r\nb\r\n', 'a\r\nb\r\n'],
    ['{empty}\n', ''],
    ['a\n\n{empty}\n\nb', 'a\n\n\nb'],
    ['a\n- {empty}\nb', 'a\n- \nb'],
    ['a\n {empty}\nb', 'a\n \nb'],
    ['a\n{empty}{task.name}\nb', 'a\ngreeting\nb'],
    ['a\n{{{empty}}}\nb', 'a\n{}\nb'],
    ['a\0b\u2028{task.name}', 'a\0b\u2028greeting'],
    ['', ''],
  ])('turns %j into %j', (template, expected) => {
    expect(render(template, lookup)).toBe(expected);
  });

  it('`{{` and `}}` give literal braces, and every other brace is itself', () => {
    const asked: string[] = [];
    const value = (name: string) => {
      asked.push(name);
      return 'V';
    };
    expect(render('{{a}} {{{a}}} {{ }} {"a": {"b": 1}} { a } {} {1} }{', value)).toBe(
      '{a} {V} { } {"a": {"b": 1}} { a } {} {1} }{',
    );
    expect(asked).toEqual(['a']);
  });

  it('quotes every value, the absent one too, and nothing else', () => {
    expect(render("echo '{a}' {b} {c}", (name) => ({ a: "it's", b: '' })[name], { quote: shellQuote })).toBe(
      "echo ''it'\\''s'' '' ''",
    );
  });

  it('asks once per placeholder, in order', () => {
    const asked: string[] = [];
    render('{b} {a} {b}', (name) => {
      asked.push(name);
      return name;
    });
    expect(asked).toEqual(['b', 'a', 'b']);
  });
});

describe('for every text', () => {
  it('a value arrives byte for byte and is never scanned again', () => {
    fc.assert(
      fc.property(hostileText, hostileText, hostileText, (before, value, after) => {
        const doubled = (text: string): string => text.replace(/[{}]/g, '$&$&');
        const template = `x${doubled(before)}<{v}>${doubled(after)}`;
        expect(render(template, (name) => (name === 'v' ? value : 'wrong'))).toBe(
          `x${before}<${value}>${after}`,
        );
      }),
    );
  });

  it('text without names and doubled braces stays byte for byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        fc.pre(!/\{\{|\}\}/.test(text) && placeholders(text).length === 0);
        expect(render(text, () => 'wrong')).toBe(text);
      }),
    );
  });

  it('JSON stays byte for byte, however deep its braces', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 5 }), (json) => {
        fc.pre(!/"[^"]*[{}][^"]*"/.test(json));
        expect(render(json, () => 'wrong')).toBe(json);
      }),
    );
  });

  it('parts put together again are the names in their places', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        for (const part of parseTemplate(text)) {
          if (part.kind === 'name') expect(text.startsWith(`{${part.name}}`, part.at)).toBe(true);
        }
      }),
    );
  });

  it('a quoted value is one word of a POSIX shell', () => {
    fc.assert(
      fc.property(hostileText, (value) => {
        const quoted = shellQuote(value);
        expect(quoted.replaceAll("'\\''", '').slice(1, -1)).not.toContain("'");
        expect(quoted.slice(1, -1).replaceAll("'\\''", "'")).toBe(value.replaceAll('\0', ''));
      }),
    );
  });
});

describe('a line that consisted only of placeholders which all resolved to nothing', () => {
  const atom = fc.oneof(
    fc.constantFrom('{value}', '{nothing}', '{nothing}', ' ', '{{', '}}', '{ x }'),
    // A line's ending is the test's own: a CR at its end would be half of one.
    hostileText.filter((text) => text !== '' && !/[{}\r\n]/.test(text)),
  );
  const line = fc.array(atom, { maxLength: 4 });
  // A text may be called like what every object has: `valueOf`.
  const written = new Map([
    ['{nothing}', ''],
    ['{{', '{'],
    ['}}', '}'],
  ]);

  it('is dropped, and no other line is', () => {
    fc.assert(
      fc.property(
        fc.array(line, { minLength: 1 }),
        fc.constantFrom('a', 'a\nb', ' ', '{nothing}'),
        fc.constantFrom('\n', '\r\n'),
        (lines, value, ending) => {
          const kept = lines.filter(
            (atoms) => atoms.length === 0 || atoms.some((one) => one !== '{nothing}'),
          );
          const shown = (one: string): string => (one === '{value}' ? value : (written.get(one) ?? one));
          const template = lines.map((atoms) => atoms.join('')).join(ending);
          const expected = kept.map((atoms) => atoms.map(shown).join('')).join(ending);
          expect(render(template, (name) => ({ value, nothing: '' })[name])).toBe(expected);
        },
      ),
    );
  });
});

describe('three megabytes', () => {
  it('of one value arrive byte for byte, each time that it is named, and are asked for no more often', () => {
    const [piece = ''] = fc.sample(
      hostileText.filter((text) => text.length > 30),
      1,
    );
    const value = piece.repeat(Math.ceil(3_000_000 / piece.length));
    let asked = 0;
    const text = render('<{v}>{v}<{{v}}>', () => {
      asked++;
      return value;
    });
    // Not `toBe`, which would print the difference.
    expect(text === `<${value}>${value}<{v}>`).toBe(true);
    expect(asked).toBe(2);
  });

  it.each([
    ['open braces', '{ ', '{ '],
    ['doubled braces', '{{', '{'],
    ['names', '{a}', 'v'],
    ['long names without an end', '{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', '{aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa'],
    ['lines', '{a}\n', 'v\n'],
    ['plain text', 'a', 'a'],
  ])('of %s are rendered, which in quadratic time would take hours', (_what, piece, rendered) => {
    const count = Math.floor(3_000_000 / piece.length);
    let asked = 0;
    const text = render(piece.repeat(count), () => {
      asked++;
      return 'v';
    });
    expect(text === rendered.repeat(count)).toBe(true);
    expect(asked).toBe(piece.startsWith('{a}') ? count : 0);
  });
});
