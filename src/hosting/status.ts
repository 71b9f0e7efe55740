/** `gump status`: the runs of a repository, newest first. */
import type { Diagnostic } from '../diagnostic.ts';
import { listRuns, type RunListing } from '../ledger/run-folder.ts';
import { openHere } from './read-files.ts';

export type Status =
  | { readonly kind: 'refused'; readonly diagnostics: readonly Diagnostic[] }
  | { readonly kind: 'listed'; readonly runs: readonly RunListing[] };

export async function statusOf(dir: string): Promise<Status> {
  const repository = await openHere(dir);
  if ('problem' in repository) return { kind: 'refused', diagnostics: [repository.problem] };
  return { kind: 'listed', runs: await listRuns(repository.root) };
}
