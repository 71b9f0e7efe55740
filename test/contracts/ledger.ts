/** What every ledger must do, whatever it stands on. */
import { afterEach, describe, expect, test } from 'vitest';
import type { Ledger } from '../../src/ports/ledger.ts';
import { notices } from '../events/record.ts';

export interface LedgerFixture {
  /** The ledger of one and the same run; opened again it holds what was appended before. */
  open(): Promise<Ledger>;
  artifact(name: string): Promise<string | null>;
  dispose(): Promise<void>;
}

export function ledgerContract(name: string, make: () => Promise<LedgerFixture>): void {
  describe(`${name} keeps the contract of a ledger`, () => {
    const fixtures: LedgerFixture[] = [];
    const fresh = async () => {
      const fixture = await make();
      fixtures.push(fixture);
      return fixture;
    };
    afterEach(async () => {
      for (const fixture of fixtures.splice(0)) await fixture.dispose();
    });

    test('a new run is empty', async () => {
      const ledger = await (await fresh()).open();
      expect(await ledger.read()).toEqual([]);
    });

    test('what was appended is read back in order, by this ledger and by the next', async () => {
      const fixture = await fresh();
      const ledger = await fixture.open();
      await ledger.append(notices(2));
      await ledger.append([]);
      await ledger.append(notices(3, 3));
      expect(await ledger.read()).toEqual(notices(5));
      expect(await (await fixture.open()).read()).toEqual(notices(5));
    });

    test('appends that are not waited for arrive in the order of the calls', async () => {
      const ledger = await (await fresh()).open();
      await Promise.all(Array.from({ length: 20 }, (_, i) => ledger.append(notices(1, i + 1))));
      expect(await ledger.read()).toEqual(notices(20));
    });

    test('a reader sees what was appended before it asked', async () => {
      const ledger = await (await fresh()).open();
      const appended = ledger.append(notices(2));
      expect(await ledger.read()).toEqual(notices(2));
      await appended;
    });

    test.each([
      [2, 1],
      [4, 2],
      [1, 2],
    ])('an event with seq %i behind %i others is refused and nothing is lost', async (seq, before) => {
      const ledger = await (await fresh()).open();
      await ledger.append(notices(before));
      if (seq === before + 1) await ledger.append(notices(1, seq));
      else await expect(ledger.append(notices(1, seq))).rejects.toMatchObject({ code: 'internal' });
      expect(await ledger.read()).toEqual(notices(seq === before + 1 ? seq : before));
    });

    test('a batch with a hole inside is refused as a whole', async () => {
      const ledger = await (await fresh()).open();
      await expect(ledger.append([...notices(1), ...notices(1, 3)])).rejects.toMatchObject({
        code: 'internal',
      });
      expect(await ledger.read()).toEqual([]);
    });

    test('an artifact is kept whole, and kept again under the same name replaces it', async () => {
      const fixture = await fresh();
      const ledger = await fixture.open();
      await ledger.keep('quality-1_test.log', 'first');
      await ledger.keep('quality-1_test.log', 'second ✓\n');
      expect(await fixture.artifact('quality-1_test.log')).toBe('second ✓\n');
      expect(await fixture.artifact('other')).toBeNull();
    });

    test.each(['', '.', '..', '../x', 'a/b', 'a b', 'a\0', 'ä', 'x'.repeat(256)])(
      'the artifact name %j is refused',
      async (artifact) => {
        const ledger = await (await fresh()).open();
        await expect(ledger.keep(artifact, '')).rejects.toMatchObject({ code: 'ledger' });
      },
    );

    test('settle settles, with and without a commit', async () => {
      const ledger = await (await fresh()).open();
      await ledger.append(notices(1));
      await ledger.settle(null);
      ledger.hold('b'.repeat(40));
      await ledger.settle('a'.repeat(40));
      expect(await ledger.read()).toEqual(notices(1));
    });
  });
}
