/** Who commanded which run, and what was said. */
import { isStepName, limits } from '../src/index.ts';
import type { ActionInputs } from './inputs.ts';
import type { Reader } from './reader.ts';

const runIdWords = 'letters, digits, `_` and `-`, at most 64';

function isRunId(value: string): boolean {
  return /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/.test(value);
}

/** Which run; commands that go on with one need it. */
export function readRunId(reader: Reader, command: ActionInputs['command'] | 'settle'): string | null {
  const runId = reader.matching('run-id', isRunId, runIdWords);
  const goesOn = !['run', 'replay', 'settle'].includes(command);
  if (goesOn && reader.text('run-id') === null)
    reader.problems.push(
      `The input \`run-id\` is missing: \`command: ${command}\` continues the run that it names.`,
    );
  return runId;
}

/** Who said what, as the App tells it. A person who starts the job by hand cannot speak for somebody else. */
export function readCommander(
  reader: Reader,
  person: string | null,
): Pick<ActionInputs, 'by' | 'reason' | 'seq' | 'continued'> {
  const isLogin = (value: string): boolean => /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(\[bot\])?$/.test(value);
  const told = reader.matching('by', isLogin, 'the login of an account');
  return {
    by: person ?? told,
    reason: reader.text('reason')?.slice(0, limits.commandCharactersMax) ?? null,
    seq: reader.number('seq', (value) => /^[1-9]\d{0,9}$/.test(value), 'the number of an event'),
    continued: readContinued(reader),
  };
}

/** How often in a row the run goes on by itself. */
export function readContinued(reader: Reader): number | null {
  return reader.number('continued', (value) => /^\d{1,3}$/.test(value), 'a whole number');
}

export interface Replay {
  /** Where it begins; only for `replay`, and then never null. */
  readonly replay: { readonly of: string; readonly step: string } | null;
}

/** Where a replay begins. */
export function readReplay(reader: Reader): Replay['replay'] {
  const of = reader.matching('of', isRunId, runIdWords);
  const step = reader.matching('step', isStepName, 'the name of a step, for example `build/task-1/converge`');
  for (const [name, what] of [
    ['of', 'the run that it begins from'],
    ['step', 'the step that it begins with'],
  ] as const) {
    if (reader.text(name) === null)
      reader.problems.push(`The input \`${name}\` is missing: \`command: replay\` needs ${what}.`);
  }
  return of !== null && step !== null ? { of, step } : null;
}
