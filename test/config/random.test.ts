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

test('each example of the table is what its field takes, under its name and under its alias', () => {
  for (const { section, key, field } of known) {
    if ('reserved' in field) continue;
    for (const name of [key, ...('alias' in field ? [field.alias] : [])]) {
      expect(fieldOf(section, name)?.name).toBe(key);
      const line = `${name} = ${field.example}\n`;
      const around = key === 'command' || key === 'acp' || key === 'family' ? '' : 'command = ["a"]\n';
      const head =
        section === 'root' ? '' : section === 'agent' ? `[agents.mine]\n${around}` : `[${section}]\n`;
      const { layer, diagnostics } = parse(head + line);
      expect({ line, diagnostics }).toEqual({ line, diagnostics: [] });
      const config = layer?.config;
      const said = section === 'agent' ? config?.agents.mine : config?.[section];
      expect(said).toHaveProperty(key);
    }
  }
});
