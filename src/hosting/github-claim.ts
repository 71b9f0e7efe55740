/** Of two jobs that work on one run, exactly one goes on: the one whose claim the ledger on GitHub takes. */
import { randomUUID } from 'node:crypto';
import { GumpError } from '../errors.ts';
import { mayNot } from '../git/remote.ts';
import type { Ledger } from '../ports/ledger.ts';

/**
 * Pushes the ledger with a mark that nobody else has made, before anything is shown or spent.
 * False where the token may not push: then commits and ledger stay on this machine.
 * @throws GumpError `ledger` where another job has the run, or GitHub cannot be reached.
 */
export async function claim(
  ledger: Ledger,
  { base, warn }: { readonly base: string | null; readonly warn: (line: string) => void },
): Promise<boolean> {
  await ledger.keep('claim.txt', `${randomUUID()}\n`);
  try {
    await ledger.settle(base);
    return true;
  } catch (error) {
    if (!(error instanceof GumpError) || error.hint !== mayNot) throw error;
    warn('The token may not push: commits and ledger stay on this machine and end with the job.');
    return false;
  }
}
