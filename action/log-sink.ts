/** The trace in the job's log: a group per task, no command of the runner from outside. */
import { type Event, type Plan, type Sink, traceLines } from '../src/index.ts';
import { harmless, maskCommand } from './runner-commands.ts';

export interface LogSinkOptions {
  /** Takes whole lines with their ending. */
  readonly write: (text: string) => void;
}

/** Masks every secret in whatever the runner keeps of this job. */
export function maskSecrets(secrets: readonly string[], write: (text: string) => void): void {
  for (const secret of secrets.filter(Boolean)) write(`${maskCommand(secret)}\n`);
}

/** Lines of plain text: nothing in them is a command of the runner's. */
export function logTo(write: (text: string) => void): (text: string) => void {
  return (text) => {
    for (const line of text.split(/\r\n|\r|\n/)) write(`${harmless(line)}\n`);
  };
}

export function createLogSink({ write }: LogSinkOptions): Sink {
  let tell: ((event: Event) => readonly string[]) | null = null;
  let group: string | null = null;
  const say = (line: string): void => write(`${line}\n`);
  const regroup = (wanted: string | null): void => {
    if (wanted === group) return;
    if (group !== null) say('::endgroup::');
    if (wanted !== null) say(`::group::${wanted}`);
    group = wanted;
  };
  return {
    name: 'log',
    open(plan: Plan, past) {
      tell = traceLines(plan);
      for (const event of past) tell(event);
    },
    event(event) {
      if (endsGroup(event)) regroup(null);
      if (event.type === 'task_started') regroup(`task-${event.index}`);
      for (const line of tell?.(event) ?? []) say(harmless(line));
    },
    close: async () => regroup(null),
  };
}

/** What a step of the run itself does stands outside of the tasks' groups. */
function endsGroup(event: Event): boolean {
  if (event.type === 'run_completed' || event.type === 'run_paused' || event.type === 'task_merged')
    return true;
  return event.type === 'step_started' && !event.step.includes('/');
}
