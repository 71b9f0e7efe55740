/** The job of one branch of a run: it goes on from the run's ledger, and writes its own. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { branchPlan, openingOfBranch } from '../engine/branch-job.ts';
import { awaySince } from '../engine/come-back.ts';
import { fold } from '../engine/evolve.ts';
import type { Event } from '../events/event.ts';
import { readManifest } from '../ledger/file.ts';
import { restoreRunFolder } from '../ledger/run-commit.ts';
import { agentsFor } from './github-agents.ts';
import { branchRef } from './github-fan-out.ts';
import { tipOf } from './github-open.ts';
import { pastOf, planOfPast } from './github-past.ts';
import type { Prepared } from './github-prepare.ts';
import { folderOf, ledgerRef, type Site, usageError } from './github-site.ts';

export interface PreparedBranch extends Prepared {
  readonly course: { readonly kind: 'branch'; readonly path: string };
  readonly ref: string;
}

/** Why there is nothing to do, a sentence; it is no failure. */
export interface NoBranch {
  readonly nothing: string;
}

/** @throws GumpError `usage` where there is no such run. */
export async function prepareBranch(site: Site, path: string): Promise<PreparedBranch | NoBranch> {
  const { publisher, runId } = site;
  const folder = folderOf(site);
  await rm(folder, { recursive: true, force: true });
  const run = await tipOf(publisher, ledgerRef(runId));
  if (run === null)
    throw usageError(`there is no run ${runId} whose branch could run here`, 'start one with `/gump run`');
  const away = awaySince(await eventsAt(site, run));
  if (!away?.branches.includes(path))
    return { nothing: `The run ${runId} does not wait for ${path}: it goes on without this job.` };
  const ref = branchRef(runId, away, path);
  // A job that is run again goes on with what it has done.
  const own = await tipOf(publisher, ref);
  await restoreRunFolder(publisher, own ?? run, folder);
  const past = await pastOf(site);
  if (past === null) throw usageError(`the ledger of ${runId} has no beginning`, 'start a new run');
  const { events } = past;
  const left = events.findLast((event) => event.type === 'branch_left' || event.type === 'run_resumed');
  if (left?.type === 'branch_left' && left.status !== 'open')
    return { nothing: `The branch ${path} has ended already: nothing is run.` };
  const before = fold(events.slice(0, away.seq));
  const plan = branchPlan(planOfPast(runId, past), before, events);
  return {
    plan,
    ...(await agentsFor(site, plan)),
    ...{ past: events, opening: [openingOfBranch(plan, before, events)], snapshot: null, newBase: false },
    ...{ course: { kind: 'branch', path }, ref },
  };
}

async function eventsAt({ publisher, root }: Site, commit: string): Promise<readonly Event[]> {
  const folder = join(root, 'of-the-run');
  await rm(folder, { recursive: true, force: true });
  await restoreRunFolder(publisher, commit, folder);
  return (await readManifest(folder)).events;
}
