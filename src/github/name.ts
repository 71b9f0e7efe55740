/** What a check run is called: the path as the trace shows it, stable over attempts, at most 100 characters. */
import { createHash } from 'node:crypto';
import { limits } from '../limits.ts';
import type { Plan } from '../plan/plan.ts';

/** The check that branch protection should require. */
export const rollUpName = 'gump';

/** The n of each task's path: `decompose/greeting` → 1. */
export type TaskNumbers = ReadonlyMap<string, number>;

/** `gump / task-1 / converge / test`; a name that is too long loses its middle and gets a fingerprint. */
export function checkName(plan: Plan, tasks: TaskNumbers, gate: { step: string; gate: string }): string {
  const segments = [rollUpName, ...shownSegments(plan, tasks, gate.step), gate.gate];
  const name = segments.join(' / ');
  if (name.length <= limits.checkNameCharactersMax) return name;
  const print = createHash('sha256').update(name).digest('hex').slice(0, 8);
  const half = Math.floor((limits.checkNameCharactersMax - print.length - 4) / 2);
  return `${name.slice(0, half)}… ${print} …${name.slice(-half)}`;
}

/** `gump / task-1 / converge`: all gates of a step under one name. */
export function stepCheckName(plan: Plan, tasks: TaskNumbers, step: string): string {
  const cut = step.lastIndexOf('/');
  return checkName(plan, tasks, { step: step.slice(0, Math.max(0, cut)), gate: step.slice(cut + 1) });
}

/** The id under which a gate's check is found again. */
export function externalId(run: string, gate: { step: string; attempt: number; gate: string }): string {
  return `${run}/${gate.step}#${gate.attempt}/${gate.gate}`;
}

/** Tasks of the only split by number, without the split's own name; everything else as it is. */
function shownSegments(plan: Plan, tasks: TaskNumbers, step: string): readonly string[] {
  const build = plan.build;
  if (build === null || !step.startsWith(`${build}/`)) return step.split('/').filter(Boolean);
  const [task = '', ...rest] = step.slice(build.length + 1).split('/');
  const number = tasks.get(`${build}/${task}`);
  return [number === undefined ? task : `task-${number}`, ...rest];
}
