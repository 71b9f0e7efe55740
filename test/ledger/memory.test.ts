import { expect, test } from 'vitest';
import { openMemoryLedger } from '../../src/ledger/memory.ts';
import { ledgerContract } from '../contracts/ledger.ts';
import { notices } from '../events/record.ts';

ledgerContract('the ledger in memory', async () => {
  const ledger = openMemoryLedger();
  return {
    open: async () => ledger,
    artifact: async (name) => ledger.artifacts.get(name) ?? null,
    dispose: async () => undefined,
  };
});

test('a memory ledger begins with the whole lines of a text, and gives its own', async () => {
  const first = openMemoryLedger();
  await first.append(notices(3));
  const second = openMemoryLedger(`${first.text()}{"v":1,`);
  await second.append(notices(1, 4));
  expect(await second.read()).toEqual(notices(4));
  expect(second.text().split('\n')).toHaveLength(5);
});

test('a memory ledger refuses a damaged text', () => {
  expect(() => openMemoryLedger('nonsense\n{}\n')).toThrow(/line 1: it is no JSON/);
});

test('a memory ledger remembers what it was to settle and to hold', async () => {
  const ledger = openMemoryLedger();
  await ledger.settle('c1');
  await ledger.settle(null);
  ledger.hold('c2');
  expect(ledger.settled).toEqual(['c1', null]);
  expect(ledger.held).toEqual(['c2']);
});
