/** What happens behind the job of a run that did not end by its own word: the run goes on in a fresh job, or is closed. */
import { GumpError } from '../errors.ts';
import { endingOf, type RunEnding } from '../events/ending.ts';
import type { Event } from '../events/event.ts';
import { createClient } from '../github/api/client.ts';
import { noOptions } from '../github/commands/options.ts';
import { branchOf } from '../github/runs/branch.ts';
import { type Job, jobAt, jobsOf } from '../github/runs/jobs.ts';
import { launcher } from '../github/runs/launch.ts';
import { isStoppedSince, stopsRef } from '../github/runs/stops.ts';
import { tellTrouble } from '../github/tell-trouble.ts';
import { isTakenOver } from '../ledger/git-ref.ts';
import { limits } from '../limits.ts';
import { baseBranchOf } from './github-claim.ts';
import { type ClosingPlace, closeRun, type JobEnding } from './github-close.ts';
import { takeBack } from './github-fan-out.ts';
import { openPublisherIn, rootOf } from './github-open.ts';
import { pastOf, restoreLedger } from './github-past.ts';
import { runUrlOf } from './github-show.ts';
import { folderOf, type GithubRunOptions, runIdOf } from './github-site.ts';
import { gumpVersion } from './version.ts';

export interface SettleOptions
  extends Pick<
    GithubRunOptions,
    | 'owner'
    | 'repo'
    | 'apiUrl'
    | 'graphqlUrl'
    | 'serverUrl'
    | 'token'
    | 'pushToken'
    | 'runId'
    | 'seq'
    | 'tempDir'
    | 'env'
    | 'log'
    | 'annotate'
  > {
  readonly issue: number;
  readonly ended: JobEnding;
  /** How often in a row the run had gone on by itself with that job; 0: it had not. */
  readonly continued: number;
}

export interface Settled {
  readonly runId: string;
  /**
   * `continued`: a fresh job goes on; `closed`: it is cancelled, and can be resumed; `elsewhere`: another job has it;
   * `not-begun`: it has no ledger; else how it had ended already.
   */
  readonly what: 'continued' | 'closed' | 'elsewhere' | 'not-begun' | Exclude<RunEnding, 'unfinished'>;
}

interface Place extends ClosingPlace {
  readonly options: SettleOptions;
  /** The job in which we are; the lost one is a part of it. Null: the token may not look at jobs. */
  readonly own: Job | null;
  readonly defaultBranch: string;
}

/** @throws GumpError when the world breaks; the issue is told then too, and the job can be run again. */
export async function settleOnGithub(options: SettleOptions): Promise<Settled> {
  const { owner, repo, issue, env, log } = options;
  const runId = runIdOf(options);
  const client = createClient({ ...options, userAgent: `gump/${gumpVersion}` });
  try {
    const own = await jobAt(client.octokit, { owner, repo, id: Number(env.GITHUB_RUN_ID) });
    const jobs = own === null ? [] : await jobsOf(client.octokit, { owner, repo, issue, runId });
    const elsewhere = jobs.find((job) => job.runId === runId && goesOn(job, own));
    if (elsewhere) {
      log(`Another job has the run ${runId} (${elsewhere.url}): nothing is done here.`);
      return { runId, what: 'elsewhere' };
    }
    return { runId, what: await settle(await placeOf({ options, client, runId, own })) };
  } catch (error) {
    if (isTakenOver(error)) return { runId, what: 'elsewhere' };
    await tellTrouble({ client, owner, repo, issue, runId, runUrl: runUrlOf(options), error, log });
    throw error;
  }
}

/** It is under way, or began behind us and has a job of its own behind it. */
function goesOn(job: Job, own: Job | null): boolean {
  return own !== null && job.id !== own.id && (!job.isOver || job.startedAt >= own.startedAt);
}

async function placeOf(from: Pick<Place, 'options' | 'client' | 'runId' | 'own'>): Promise<Place> {
  const { options, client, runId } = from;
  const { owner, repo, issue } = options;
  const root = rootOf(options);
  const publisher = await openPublisherIn(root, options);
  const { default_branch: defaultBranch } = (await client.octokit.repos.get({ owner, repo })).data;
  const branch = branchOf(issue, runId);
  await restoreLedger({ root, runId, publisher });
  const held = await takeBack({ root, runId, publisher, options });
  const baseBranch = baseBranchOf(folderOf({ root, runId })) ?? defaultBranch;
  return { ...from, publisher, root, branch, baseBranch, defaultBranch, held };
}

async function settle(place: Place): Promise<Settled['what']> {
  const past = await pastOf(place);
  if (past === null) {
    await tell(place, notBegun);
    return 'not-begun';
  }
  const ending = endingOf(past.events);
  if (ending !== 'unfinished') {
    await closeRun(place, past, null);
    // What the job was to do is not in the ledger.
    if (place.own && (past.events.at(-1)?.ts ?? '') < place.own.startedAt) await tell(place, notTakenUp);
    return ending;
  }
  const why = reasonToClose(place.options, past.events) ?? (await whyStopped(place));
  // A stop that came while the fresh job was started may not have seen it: what is closed, that job does not take up.
  const problem = why ?? (await goOn(place, past.events)) ?? (await whyStopped(place));
  if (problem === null) return 'continued';
  await closeRun(place, past, problem);
  return 'closed';
}

const notBegun = new GumpError('the job ended before the run had begun', {
  code: 'usage',
  hint: 'its log says more: its runner was lost, or a step in front of gump failed',
});

const notTakenUp = new GumpError('the job ended before it did what was commanded', {
  code: 'github',
  hint: 'the run stands as it did; its log says more: its runner was lost, or a step in front of gump failed',
});

async function tell({ client, options, runId }: Place, error: GumpError): Promise<void> {
  const { owner, repo, issue, log } = options;
  await tellTrouble({ client, owner, repo, issue, runId, runUrl: runUrlOf(options), error, log });
}

/** Null where the run is to go on. */
function reasonToClose(options: SettleOptions, events: readonly Event[]): string | null {
  if (options.ended === 'cancelled')
    return 'its job was cancelled, or ran out of time: the run does not go on by itself';
  if (continuedOf(options, events) < limits.continuationsMax) return null;
  return `${limits.continuationsMax + 1} jobs in a row ended before an attempt or a gate had: the run does not go on by itself any more`;
}

/** Null where nobody has stopped the issue's runs since the job began. */
async function whyStopped({ publisher, options, own }: Place): Promise<string | null> {
  const ref = stopsRef(options.issue);
  const stops = await publisher.lsRemote([`${ref}*`]);
  const isStopped = own !== null && isStoppedSince(stops.keys(), own.startedAt);
  return isStopped ? 'somebody stopped it: the run does not go on by itself' : null;
}

/** How often in a row the run went on without getting on. */
function continuedOf({ continued, seq }: SettleOptions, events: readonly Event[]): number {
  const steps = ['agent_completed', 'gate_passed', 'gate_failed', 'gate_skipped'];
  const isOn = events.some((event) => event.seq > (seq ?? 0) && steps.includes(event.type));
  return isOn ? 0 : continued;
}

const mayNotStart =
  'GitHub does not let Gump look at its jobs: the job `after` of the workflow file needs `actions: write`';

/** Null: a fresh job goes on; else what kept it from that. */
async function goOn({ client, options, runId, own, defaultBranch }: Place, events: readonly Event[]) {
  const { owner, repo, issue } = options;
  if (own === null) return mayNotStart;
  const answer = await launcher(client.octokit)({
    ...{ owner, repo, issue, runId, ref: defaultBranch, command: 'resume', within: own.id },
    ...{ workflow: null, spec: null, since: own.startedAt },
    options: noOptions,
    told: { continued: String(continuedOf(options, events) + 1), seq: String(events.at(-1)?.seq ?? 0) },
  });
  return answer.started ? null : answer.problem;
}
