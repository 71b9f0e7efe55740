/** Of two jobs that work on one run, exactly one goes on: the one whose claim the ledger on GitHub takes. */
import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GumpError } from '../errors.ts';
import { mayNot } from '../git/remote.ts';
import { isBranchName } from '../github/commands/names.ts';
import type { Ledger } from '../ports/ledger.ts';

export interface Claim {
  /** The commit that the run starts on, where only this machine has it; else null. */
  readonly base: string | null;
  /** Whoever resumes the run knows it from here. */
  readonly baseBranch: string;
  readonly warn: (line: string) => void;
}

export const baseBranchFile = 'base-branch.txt';

/** The branch that a run was started for, from its folder; null where it does not say. */
export function baseBranchOf(folder: string): string | null {
  const path = join(folder, 'artifacts', baseBranchFile);
  const name = existsSync(path) ? readFileSync(path, 'utf8').trim() : '';
  return isBranchName(name) ? name : null;
}

/**
 * Pushes the ledger with a mark that nobody else has made, before anything is shown or spent.
 * False where the token may not push: then commits and ledger stay on this machine.
 * @throws GumpError `ledger` where another job has the run, or GitHub cannot be reached.
 */
export async function claim(ledger: Ledger, { base, baseBranch, warn }: Claim): Promise<boolean> {
  await ledger.keep(baseBranchFile, `${baseBranch}\n`);
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
