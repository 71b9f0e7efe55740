/** From which state a replay begins: the step that somebody means, and the events before it. */
import type { Diagnostic } from '../diagnostic.ts';
import { birthsOf, type ReplayPoint, replayPoint } from '../engine/replay.ts';
import type { Event, Fact } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';
import type { Isolation } from '../process/isolation.ts';
import { emptyScope, evolveScope } from '../report/scope.ts';
import { shownPath } from '../report/shown.ts';
import { findStep, type NamedStep } from '../report/step-name.ts';
import { startedFact } from './facts.ts';
import { withIsolation } from './isolation.ts';
import { usage } from './local-run.ts';
import { isStepPath } from './prepare.ts';
import type { Recorded } from './recorded.ts';
import { gumpVersion } from './version.ts';

/** Why a run of that version cannot be replayed; null where it can: what events mean may change with every minor version before 1.0. */
export function otherVersion(run: string, gump: string): Diagnostic | null {
  const minor = (version: string) => version.split('.').slice(0, 2).join('.');
  if (minor(gump) === minor(gumpVersion)) return null;
  return usage(
    `nothing was replayed: the run ${run} was made by gump ${gump}, this is ${gumpVersion}`,
    `start a new run, or replay it with gump ${gump}`,
  );
}

export interface FoundPoint {
  /** State path. */
  readonly path: string;
  readonly point: ReplayPoint;
}

type Of = Pick<Recorded, 'run' | 'events'>;

/** The point that is meant; `typed` is a step in either spelling, the end of one, `@attempt` behind it or not. */
export function findPoint(of: Of, plan: Plan, typed: string): FoundPoint | { problem: Diagnostic } {
  const [, name = typed, number] = /^(.*)@(\d+)$/.exec(typed) ?? [];
  const attempt = number === undefined ? null : Number(number);
  const steps = startedSteps(plan, of.events);
  const step = findStep(name, steps);
  if (step.kind === 'several') {
    const message = `nothing was replayed: several steps of the run ${of.run} are called ${name}`;
    return { problem: usage(message, `name one of them: ${step.paths.join(', ')}`) };
  }
  if (step.kind === 'unknown') return { problem: unknownStep({ of, plan, name, steps, near: step.near }) };
  const { path } = step;
  const point = replayPoint({ plan, events: of.events, path, attempt });
  if (point) return { path, point };
  const message = `nothing was replayed: ${step.shown} had no attempt ${attempt} in the run ${of.run}`;
  return { problem: usage(message, `\`gump report ${of.run} --detail ${step.shown}\` lists its attempts`) };
}

/** Every step that has started, in the order of their last beginning. */
function startedSteps(plan: Plan, events: readonly Event[]): readonly NamedStep[] {
  const { tasks } = events.reduce(evolveScope, emptyScope);
  return [...birthsOf(plan, events).keys()].map((path) => {
    return { path, shown: shownPath(plan.build, tasks, path) };
  });
}

interface Unknown {
  readonly of: Of;
  readonly plan: Plan;
  readonly name: string;
  readonly steps: readonly NamedStep[];
  readonly near: string | null;
}

function unknownStep({ of, plan, name, steps, near }: Unknown): Diagnostic {
  const started = steps.map(({ shown }) => shown).join(', ');
  if (isStepPath(plan.nodes, plan.build, name.split('/'))) {
    const message = `nothing was replayed: the step ${name} never started in the run ${of.run}`;
    return usage(message, `these did: ${started}; \`gump run --resume\` goes on where the run ended`);
  }
  const hint = near ? `did you mean ${near}?` : `its steps are: ${started}`;
  return usage(`nothing was replayed: there is no step ${name} in the run ${of.run}`, hint);
}

interface Replayed extends FoundPoint {
  /** The run that it is copied from. */
  readonly of: string;
  /** Of the new run. */
  readonly plan: Plan;
  readonly isolation: Isolation;
  /** ISO 8601. */
  readonly ts: string;
}

/** The new run's ledger as it begins; its last event says what it is. */
export function replayedEvents({ of, plan, isolation, path, point, ts }: Replayed): readonly Event[] {
  const replayed: Fact = { type: 'run_replayed', run: plan.run, of, from_step: path };
  const started = withIsolation([startedFact(plan)], isolation).map((fact) => ({ ts, ...fact }));
  const lines = [...started, ...point.events, { ts, ...replayed }];
  return lines.map((line, index): Event => ({ ...line, v: 1, seq: index + 1 }));
}
