import { expect, test } from 'vitest';
import { staleDocuments } from '../../docs/build.ts';

test('the schema and the tables of the reference are as the sources say: npm run build', () => {
  expect(staleDocuments()).toEqual([]);
});
