/** A run on more than one machine: each branch has a job and a ledger of its own, which come back where the run goes on. */
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { awaySince, type BranchLedger, comeBack } from '../engine/come-back.ts';
import { explain } from '../errors.ts';
import type { EventOf } from '../events/event.ts';
import { openFileLedger, readManifest } from '../ledger/file.ts';
import { restoreRunFolder } from '../ledger/run-commit.ts';
import { artifactsOf, copyArtifacts } from '../ledger/seed.ts';
import { folderOf, type Site } from './github-site.ts';

type Away = EventOf<'run_fanned_out'>;

/** Where the ledger of a branch's job is pushed; not below `refs/gump/runs/<id>`, for a ref cannot be a folder of refs too. */
export function branchRef(runId: string, { seq, branches }: Away, branch: string): string {
  return `refs/gump/branches/${runId}/${seq}-${branches.indexOf(branch) + 1}`;
}

type Place = Pick<Site, 'root' | 'runId' | 'publisher'> & {
  readonly options: Pick<Site['options'], 'log'>;
};

/**
 * Appends what the branches' jobs have done to the ledger on this machine, all of it or nothing, and gives the commits with
 * which the run's own ledger has to hold it. Until it is pushed, whoever comes next does the same again: nothing is removed.
 * Empty where nothing is away.
 */
export async function takeBack(place: Place): Promise<readonly string[]> {
  const folder = folderOf(place);
  if (!existsSync(folder)) return [];
  const ledger = await openFileLedger(folder);
  try {
    const past = await ledger.read();
    const away = awaySince(past);
    if (away === null) return [];
    const found = await fetchBranches(place, away);
    const back = comeBack(past, found);
    for (const one of found) await copyArtifacts(folder, one.folder, artifactsOf(one.events));
    await ledger.append(back);
    return found.map(({ commit }) => commit);
  } finally {
    await ledger.close();
  }
}

interface FoundBranch extends BranchLedger {
  readonly commit: string;
  readonly folder: string;
}

async function fetchBranches(place: Place, away: Away): Promise<readonly FoundBranch[]> {
  const { publisher, root, runId, options } = place;
  const refs = away.branches.map((branch) => branchRef(runId, away, branch));
  const tips = await publisher.clone({ refs });
  const found: FoundBranch[] = [];
  for (const [index, branch] of away.branches.entries()) {
    const commit = tips.get(refs[index] ?? '');
    if (commit === undefined) continue;
    const folder = join(root, 'branches', `${away.seq}-${index + 1}`);
    try {
      await rm(folder, { recursive: true, force: true });
      await restoreRunFolder(publisher, commit, folder);
      found.push({ branch, commit, folder, events: (await readManifest(folder)).events });
    } catch (error) {
      // The branch runs here then, from its beginning.
      options.log(`What the job of ${branch} did is not taken in: ${explain(error)}`);
    }
  }
  return found;
}
