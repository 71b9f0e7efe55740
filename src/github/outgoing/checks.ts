/** The check runs of gates: each on the commit it judged, and at the end on the head what still stands. */
import { reportsName } from '../../events/artifacts.ts';
import { limits } from '../../limits.ts';
import type { Plan } from '../../plan/plan.ts';
import type { Annotation } from '../annotations/annotation.ts';
import { checkOutput, type Printed, remarks } from './check-output.ts';
import { type Area, type Job, type Moment, rank, type Tries } from './deliver.ts';
import type { KnownChecks } from './known-checks.ts';
import { copiesOn, type DesiredCheck, type GithubView } from './view.ts';

export interface ChecksOptions {
  readonly plan: () => Plan | null;
  readonly known: KnownChecks;
  readonly readLog: (name: string) => Promise<string | null>;
  /** When this process saw a gate start, in ms; for those before it, 0. */
  readonly seenAtMs: (check: DesiredCheck) => number;
  readonly quickGateMs: number;
  readonly runUrl: string;
  readonly log: (line: string) => void;
}

export function createChecks(options: ChecksOptions): Area {
  const send = async (check: DesiredCheck, tries: Tries): Promise<void> => {
    if (tries.doubt) await options.known.look(check.commit, true);
    await options.known.send(check, async () =>
      checkOutput(check, await printedBy(check, options), options.runUrl),
    );
  };
  return {
    name: 'checks',
    jobs(view, moment) {
      const shown = view.checks.filter(
        (check) => moment.published.has(check.commit) && !check.gates[0]?.inherited,
      );
      return [
        ...shown.flatMap((check) =>
          gateJob(check, moment, options).map((job) => ({
            ...job,
            run: (tries: Tries) => send(check, tries),
          })),
        ),
        ...copyJob(view, moment, { options, send }),
      ];
    },
  };
}

function gateJob(check: DesiredCheck, moment: Moment, options: ChecksOptions): readonly Omit<Job, 'run'>[] {
  const job = { key: `check ${check.commit} ${check.externalId}`, what: `the check ${check.name}` };
  if (check.conclusion !== null)
    return [{ ...job, digest: check.conclusion, rank: rank.verdict, dueAtMs: 0 }];
  if (moment.progressLeft === 0) return [];
  const dueAtMs = options.seenAtMs(check) + options.quickGateMs;
  return [{ ...job, digest: 'in_progress', rank: rank.progress, dueAtMs }];
}

/** One job for all copies: only when nothing else is left is it known how many requests there are for them. */
function copyJob(
  view: GithubView,
  { head, writesLeft }: Moment,
  { options, send }: { options: ChecksOptions; send: (check: DesiredCheck, tries: Tries) => Promise<void> },
): readonly Job[] {
  const plan = options.plan();
  if (!plan || !view.completed || head === null || head === view.base) return [];
  const key = 'copies on the head';
  const digest = `${head} ${view.conclusion}`;
  const run = async (tries: Tries): Promise<void> => {
    for (const copy of affordable(plan, view, { head, writesLeft, options })) await send(copy, tries);
  };
  return [{ key, digest, rank: rank.copy, dueAtMs: 0, what: 'the standing gates on the head', run }];
}

/** Each gate by itself, or each step, or none: as many as the run's requests allow. */
function affordable(
  plan: Plan,
  view: GithubView,
  { head, writesLeft, options }: { head: string; writesLeft: number; options: ChecksOptions },
): readonly DesiredCheck[] {
  const missing = (by: 'gate' | 'step') =>
    copiesOn(plan, view, head, by).filter((copy) => !options.known.isShown(copy));
  const gates = missing('gate');
  if (gates.length <= writesLeft) return gates;
  const steps = missing('step');
  if (steps.length <= writesLeft) return steps;
  options.log(
    `${gates.length} gates that still stand are shown in the check gump only: a run makes at most ${limits.githubWritesMax} writes.`,
  );
  return [];
}

/** Where check runs cannot be written: what they would have said, for the log. */
export function annotator(
  options: Pick<ChecksOptions, 'readLog'>,
  annotate: (annotation: Annotation) => void,
): (checks: readonly DesiredCheck[]) => Promise<void> {
  const told = new Set<string>();
  return async (checks) => {
    for (const check of checks) {
      const key = `${check.commit} ${check.externalId}`;
      if (check.conclusion === null || check.gates[0]?.inherited || told.has(key)) continue;
      told.add(key);
      const printed = await printedBy(check, options);
      for (const gate of check.gates) for (const remark of remarks(gate, printed)) annotate(remark);
    }
  };
}

/** A log that cannot be read is left out; the verdict is shown all the same. */
async function printedBy(
  check: DesiredCheck,
  { readLog }: Pick<ChecksOptions, 'readLog'>,
): Promise<Printed | null> {
  const [gate] = check.gates;
  if (check.gates.length !== 1 || !gate?.log) return null;
  const isFailed = gate.conclusion === 'failure' || gate.conclusion === 'timed_out';
  try {
    const log = await readLog(gate.log);
    return log === null ? null : { log, reports: isFailed ? await readLog(reportsName(gate.log)) : null };
  } catch {
    return null;
  }
}
