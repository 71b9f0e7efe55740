import { expect, test } from 'vitest';
import { grammar, verbs } from '../../../src/github/grammar.ts';
import { helpReply } from '../../../src/github/replies.ts';
import { later } from '../../../src/github/verbs/later.ts';
import { obeys } from '../../../src/github/verbs/table.ts';

test.each(verbs)('%s is either carried out, or says that a later version does it', (verb) => {
  expect(obeys[verb] === later).toBe(grammar[verb].later === true);
});

test('help names every verb', () => {
  const help = helpReply();
  for (const verb of verbs) expect(help).toMatch(new RegExp(`\`(/gump )?${verb}[ \`]`));
});
