/** A replay on GitHub: a new run whose ledger begins with that of another one, on a branch of its own. */
import { existsSync } from 'node:fs';
import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { formatDiagnostic } from '../diagnostic.ts';
import type { Event, RunSettings } from '../events/event.ts';
import { runGit } from '../git/git.ts';
import { missingCommits } from '../git/keep.ts';
import { branchOf } from '../github/runs/branch.ts';
import { restoreFromRef } from '../ledger/git-ref.ts';
import { createRunFolder, runFolder } from '../ledger/run-folder.ts';
import { seedRunFolder } from '../ledger/seed.ts';
import type { Plan } from '../plan/plan.ts';
import type { Isolation } from '../process/isolation.ts';
import { baseBranchFile } from './github-claim.ts';
import { ledgerRef, type Site, usageError } from './github-site.ts';
import { planRecorded, type Recorded, readRecorded } from './recorded.ts';
import { type FoundPoint, findPoint, otherVersion, replayedEvents } from './replay-point.ts';

export interface ReplayFrom extends FoundPoint {
  readonly of: Recorded;
  readonly plan: Plan;
}

/** Where it begins; nothing has been changed. @throws GumpError `usage` */
export async function replayFrom(
  site: Site,
  { of: run, step }: { readonly of: string; readonly step: string },
): Promise<ReplayFrom> {
  const of = await fetchRun(site, run);
  const settings = { ...of.started.settings, ...settingsOf(site) };
  const planned = planRecorded(of, { run: site.runId, settings });
  if (!('value' in planned)) throw refused(planned.diagnostics.map(formatDiagnostic));
  const plan = planned.value;
  const found = findPoint(of, plan, step);
  if ('problem' in found) throw refused([formatDiagnostic(found.problem)]);
  const { head, tips } = found.point;
  const [lost] = await missingCommits(site.publisher.gitDir, [head, ...tips]);
  if (lost !== undefined)
    throw refused([`the commit ${lost} of the run ${run} is not in the repository any more`]);
  return { ...found, of, plan };
}

/** The new run has begun when its ledger is there, which is last. Gives its events; the last one nobody has seen. */
export async function beginReplay(
  site: Site,
  { of, plan, path, point }: ReplayFrom,
  isolation: Isolation,
): Promise<readonly Event[]> {
  const { root, publisher, branch } = site;
  const { run, workflow, spec } = plan;
  const ts = new Date().toISOString();
  await createRunFolder({ root, run, workflow, ts, spec: spec.text, snapshot: of.snapshot });
  const folder = runFolder(root, run);
  const [from, to] = [of.folder, folder].map((one) => join(one, 'artifacts', baseBranchFile));
  if (from && to && existsSync(from)) {
    await mkdir(join(folder, 'artifacts'), { recursive: true });
    await copyFile(from, to);
  }
  if (point.head !== plan.base) {
    const place = { cwd: publisher.gitDir, env: publisher.env };
    await runGit(['update-ref', `refs/heads/${branch}`, point.head], place);
  }
  const events = replayedEvents({ of: of.run, plan, isolation, path, point, ts });
  await seedRunFolder({ folder, events, from: of.folder });
  return events;
}

/** The ledger and the commits that it speaks of. @throws GumpError `usage` */
async function fetchRun({ publisher, root, options }: Site, run: string): Promise<Recorded> {
  const folder = runFolder(root, run);
  const known = await restoreFromRef({ publisher, ref: ledgerRef(run), ledgerDir: folder });
  if (known === null) throw refused([`there is no run ${run} in this repository`]);
  if (options.issue !== null) await publisher.clone({ refs: [`refs/heads/${branchOf(options.issue, run)}`] });
  const of = await readRecorded(root, run);
  if (of === null) throw refused([`the run ${run} was lost before it had begun`]);
  const other = otherVersion(run, of.started.gump);
  if (other) throw refused([formatDiagnostic(other)]);
  return of;
}

function settingsOf({ options }: Site): Partial<RunSettings> {
  const { agent, maxBudgetUsd, maxParallel } = options.settings;
  return {
    ...(agent === null ? {} : { agent }),
    ...(maxBudgetUsd === null ? {} : { max_budget: maxBudgetUsd }),
    ...(maxParallel === null ? {} : { max_parallel: maxParallel }),
  };
}

function refused(lines: readonly string[]) {
  return usageError(
    `nothing was replayed:\n${lines.join('\n')}`,
    'comment `/gump report` to see the steps of the run',
  );
}
