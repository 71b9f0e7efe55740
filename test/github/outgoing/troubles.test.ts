import { expect, test } from 'vitest';
import type { Job } from '../../../src/github/outgoing/deliver.ts';
import { createTroubles } from '../../../src/github/outgoing/troubles.ts';

const job = (digest: string): Job => ({
  ...{ key: 'roll-up', digest, rank: 1, dueAtMs: 0, what: 'the check gump' },
  run: async () => undefined,
});
const lost = new Error('socket hang up');
const refused = Object.assign(new Error('Validation Failed'), { status: 422, response: { headers: {} } });

function doubting() {
  const troubles = createTroubles({ retryBaseMs: 1, log: () => undefined });
  troubles.failed('checks', job('open'), lost);
  return troubles;
}

test('what may have been carried out is looked for first, also when something else is wanted by then', () => {
  const troubles = doubting();
  expect([troubles.tries(job('open')).doubt, troubles.tries(job('success')).doubt]).toEqual([true, true]);
});

test('a refusal behind a lost answer does not end the doubt; a success does', () => {
  const troubles = doubting();
  troubles.failed('checks', job('success'), refused);
  expect(troubles.tries(job('success')).doubt).toBe(true);
  troubles.succeeded(job('success'));
  expect(troubles.tries(job('cancelled')).doubt).toBe(false);
});
