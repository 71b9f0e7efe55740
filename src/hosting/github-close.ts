/** The end of a run whose job was lost: written where no job goes on with it, and shown like any other. */
import { composeSystem } from '../compose.ts';
import { openFileLedger } from '../ledger/file.ts';
import { createGitRefLedger } from '../ledger/git-ref.ts';
import { endLost } from '../runtime/end-lost.ts';
import { resumedFacts } from './facts.ts';
import { claim } from './github-claim.ts';
import { type Past, planOfPast } from './github-past.ts';
import { githubSink, type Stand } from './github-show.ts';
import { folderOf, type GithubRunOptions, ledgerRef, type Site } from './github-site.ts';

/** How the job of a run ended: `handed-over` by its own word, else GitHub's word for it. */
export type JobEnding = 'handed-over' | 'success' | 'failure' | 'cancelled';

export interface ClosingPlace extends Stand, Pick<Site, 'publisher'> {
  readonly options: Stand['options'] & Pick<GithubRunOptions, 'token'> & { readonly ended: JobEnding };
  /** Commits of branches that have come back. */
  readonly held: readonly string[];
}

/**
 * Shows a run as it stands; one without an end is cancelled first, and `notice` says why in a sentence. Null: it has its end.
 * @throws GumpError when the world breaks; an `isTakenOver` one where another job has the run
 */
export async function closeRun(place: ClosingPlace, past: Past, notice: string | null): Promise<void> {
  const { options, runId, publisher, branch, baseBranch } = place;
  const folder = folderOf(place);
  const file = await openFileLedger(folder);
  const pushed = createGitRefLedger({
    ...{ file, publisher, ledgerDir: folder, ref: ledgerRef(runId), branch: `refs/heads/${branch}` },
    ...{ objectsFrom: publisher.gitDir, onNotice: options.log },
  });
  try {
    for (const commit of place.held) pushed.hold(commit);
    const warn = options.log;
    const canWrite = notice === null || (await claim(pushed, { base: null, baseBranch, warn }));
    const { token, pushToken } = options;
    const system = composeSystem({ secrets: pushToken === null ? [token] : [token, pushToken] });
    const sinks = [await githubSink(place, canWrite)];
    const by = causes[options.ended];
    const ledger = canWrite ? pushed : file;
    const opening = resumedFacts(runId, past.events);
    const lost = { plan: planOfPast(runId, past), past: past.events, opening, by, notice };
    await endLost({ ledger, sinks, system }, lost);
  } finally {
    await pushed.close();
    await file.close();
  }
}

/** As `interrupted by …` goes on. */
const causes: Readonly<Record<JobEnding, string>> = {
  'handed-over': 'the end of the time of its job',
  cancelled: 'the end of its job',
  failure: 'the loss of its runner',
  success: 'the loss of its runner',
};
