import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { staleDocuments } from '../../docs/build.ts';
import { parseAgentScript } from '../../src/agents/script.ts';
import { commands } from '../../src/cli/commands.ts';
import { parseConfig } from '../../src/config/parse.ts';

test('the schema and the tables of the reference are as the sources say: npm run build', () => {
  expect(staleDocuments()).toEqual([]);
});

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

/** The fenced blocks of a document in a language. */
function blocksOf(file: string, language: string): readonly string[] {
  const blocks = read(file).matchAll(/^```(.+)\n([\s\S]*?)^```$/gm);
  return [...blocks].flatMap(({ 1: info, 2: text = '' }) => (info === language ? [text] : []));
}

test.each(['README.md', 'docs/configuration.md'])('every example of gump.toml in %s is valid', (file) => {
  const examples = blocksOf(file, 'toml');
  expect(examples.length).toBeGreaterThan(0);
  expect(examples.flatMap((text) => parseConfig({ file, text }).diagnostics)).toEqual([]);
});

test('the agent script in the README is valid', () => {
  const [text = ''] = blocksOf('README.md', 'yaml').filter((block) => block.startsWith('rules:'));
  expect(parseAgentScript({ file: 'README.md', text })).toMatchObject({
    script: expect.anything(),
    diagnostics: [],
  });
});

test.each(['README.md', 'docs/configuration.md', 'docs/workflow-reference.md'])(
  'every command line in %s has a command and options that there are',
  (file) => {
    const text = read(file).replace(/\\\n\s*/g, '');
    const typed = [...text.matchAll(/(?:^ {4,}npm run -s gump -- |`gump )([^`#\n]+)/gm)].map(
      ({ 1: line = '' }) => line.trim(),
    );
    const unknown = typed.filter((line) => {
      const [name = '', inner = ''] = line.split(' ');
      const entry = commands.find((one) => one.name === name);
      const one = entry && 'commands' in entry ? entry.commands.find((each) => each.name === inner) : entry;
      const known = one && 'options' in one ? one.options.map(({ long }) => long) : [];
      return !entry || (line.match(/ --[a-z-]+/g) ?? []).some((flag) => !known.includes(flag.trim()));
    });
    expect(typed.length).toBeGreaterThan(0);
    expect(unknown).toEqual([]);
  },
);
