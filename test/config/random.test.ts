import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fieldOf, fields, type Section, sections } from '../../src/config/fields.ts';
import { parseConfig } from '../../src/config/parse.ts';

const parse = (text: string) => parseConfig({ file: 'gump.toml', text });

const bit = fc.constantFrom(
  ...[
    '[',
    ']',
    '{',
    '}',
    '=',
    '"',
    "'",
    '"""',
    '.',
    ',',
    '#',
    '\n',
    '\r\n',
    ' ',
    '\0',
    '\uFEFF',
    '\\',
    '-',
    '1',
    '1e9',
  ],
  ...[
    'validation',
    'agents',
    'test',
    'true',
    'inf',
    'nan',
    '1979-05-27',
    '__proto__',
    'constructor',
    '\ud800',
  ],
);

test('no text makes the parser throw, and what it does not understand is an error with a place', () => {
  fc.assert(
    fc.property(fc.array(bit, { maxLength: 60 }), (bits) => {
      const { layer, diagnostics } = parse(bits.join(''));
      expect(layer === null).toBe(diagnostics.some(({ severity }) => severity === 'error'));
      for (const { at } of diagnostics) expect(at?.line).toBeGreaterThan(0);
    }),
    { numRuns: 3_000 },
  );
});

const known = sections.flatMap((section: Section) =>
  Object.entries(fields[section]).map(([key, field]) => ({ section, key, field })),
);

/** The table around a key, with what it cannot be without. */
function headOf(section: Section, key: string): string {
  if (section === 'root') return '';
  if (section === 'agent') {
    const isStart = key === 'command' || key === 'acp' || key === 'family';
    return `[agents.mine]\n${isStart ? '' : 'command = ["a"]\n'}`;
  }
  if (section !== 'gateway') return `[${section}]\n`;
  const needed = { url: '"https://models.example.com"', api: '"gemini"', key_env: '"A_KEY"' };
  const others = Object.entries(needed).filter(([name]) => name !== key);
  return `[gateway.mine]\n${others.map(([name, value]) => `${name} = ${value}\n`).join('')}`;
}

test('each example of the table is what its field takes, under its name and under its alias', () => {
  for (const { section, key, field } of known) {
    if ('reserved' in field) continue;
    for (const name of [key, ...('alias' in field ? [field.alias] : [])]) {
      expect(fieldOf(section, name)?.name).toBe(key);
      const line = `${name} = ${field.example}\n`;
      const head = headOf(section, key);
      const { layer, diagnostics } = parse(head + line);
      expect({ line, diagnostics }).toEqual({ line, diagnostics: [] });
      const config = layer?.config;
      const named = section === 'agent' ? config?.agents.mine : config?.gateway.mine;
      const said = section === 'agent' || section === 'gateway' ? named : config?.[section];
      expect(said).toHaveProperty(key);
    }
  }
});
