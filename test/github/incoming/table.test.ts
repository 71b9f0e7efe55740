import { expect, test } from 'vitest';
import { grammar, verbs } from '../../../src/github/commands/grammar.ts';
import { helpReply } from '../../../src/github/commands/replies.ts';
import { obeys } from '../../../src/github/verbs/table.ts';

test.each(verbs)('%s is carried out by a file of its own', (verb) => {
  expect(Object.entries(obeys).filter(([, obey]) => obey === obeys[verb])).toEqual([[verb, obeys[verb]]]);
  expect(grammar[verb].usage.split(' ')[0]).toBe(verb);
});

test('help names every verb', () => {
  const help = helpReply();
  for (const verb of verbs) expect(help).toMatch(new RegExp(`\`(/gump )?${verb}[ \`]`));
});
