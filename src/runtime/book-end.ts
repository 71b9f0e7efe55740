/** The end of an attempt: the tree becomes a commit first, then one fact says everything; after it the attempt never runs again. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { overdrawnAround } from '../engine/overdraft.ts';
import { locate } from '../engine/place.ts';
import { refusalOf } from '../engine/protected.ts';
import { parseJson } from '../engine/result.ts';
import { failureOf } from '../engine/values.ts';
import type { Fact } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { AgentEnd } from '../ports/agent.ts';
import { breakAllReferences } from '../report/references.ts';
import { cutMiddle } from '../template/cut.ts';
import { artifactName } from './artifact-name.ts';
import { lastName } from './attempt-tree.ts';
import type { Stage } from './dependencies.ts';
import type { Flight } from './perform-agent.ts';
import { reportBreach } from './report-usage.ts';

export async function bookEnd(stage: Stage, flight: Flight, end: AgentEnd): Promise<void> {
  const { path: step, attempt } = flight.effect;
  await reportBreach(stage, flight.effect, end.usage);
  const killed = killReason(stage, flight, end);
  if (killed !== null)
    await stage.recorder.emit({ type: 'agent_killed', step, attempt, reason: killed, ...end.usage });
  // A run that is being stopped leaves the attempt open: it is repeated when the run goes on.
  if (killed !== null && stage.stopping()) return;
  const made = killed === null ? await keepWork(stage, flight) : await discardWork(stage, flight, killed);
  if (made.commit !== flight.base) stage.ledger.hold(made.commit);
  const log = await keepLog(stage, flight, end);
  await stage.recorder.emit(await completed({ flight, end, killed, made, log }));
  if (flight.effect.scope === '' && !flight.effect.judging) {
    await stage.workspace.advance(made.commit);
    stage.secure(made.commit);
  }
}

/** What the agent printed, for people who ask why; null where there is nothing. */
async function keepLog(stage: Stage, { effect }: Flight, { printed = '' }: AgentEnd): Promise<string | null> {
  if (printed === '') return null;
  const name = artifactName(effect, 'agent', 'ndjson');
  await stage.ledger.keep(name, stage.system.redact(printed));
  return name;
}

function killReason(stage: Stage, { effect }: Flight, end: AgentEnd): string | null {
  const attempt = locate(stage.plan, stage.state(), effect.path)?.step?.attempt;
  if (attempt?.guard) return attempt.guard.reason;
  if (end.outcome === 'ok') return null;
  // Whatever stops the engine may have reached the agent first.
  if (stage.stopping()) return 'the run was stopped';
  if (end.outcome !== 'killed') return null;
  if (stage.state().exceeded) return 'a limit of the run is exceeded';
  const call = overdrawnAround(stage.state(), effect.path);
  if (call !== null) return `a limit of the workflow that ${call} calls is exceeded`;
  return (attempt && failureOf(attempt)) || 'ended by the engine';
}

interface Made {
  readonly commit: string;
  readonly files: readonly string[];
  readonly stepFiles: readonly string[];
  readonly denied: readonly string[];
  readonly refused?: readonly string[];
}

/** R8: what an attempt did is what the tree says. */
async function keepWork(stage: Stage, flight: Flight): Promise<Made> {
  const { effect, base, readOnly, denied: tried } = flight;
  if (readOnly) {
    const denied = [...new Set([...tried, ...(await changesIn(stage, flight))])].sort();
    return { commit: base, files: [], stepFiles: [], denied };
  }
  const step = locate(stage.plan, stage.state(), effect.path)?.step ?? null;
  const { commit, files, refused } = await stage.workspace.snapshot(effect.scope, {
    parent: base,
    message: messageOf(stage, flight),
    refuses: refusalOf(stage.plan.settings, step),
  });
  if (refused) return { commit: base, files: [], stepFiles: [], denied: [], refused };
  const fromStart = effect.start === base ? files : await stage.workspace.changedFiles(effect.start, commit);
  return { commit, files, stepFiles: fromStart, denied: [...tried].sort() };
}

function changesIn(stage: Stage, { tree, effect }: Flight): Promise<readonly string[]> | readonly string[] {
  const node = locate(stage.plan, stage.state(), effect.path)?.node;
  return node?.step.worktree === 'none' ? [] : stage.workspace.changes(tree);
}

/** A breached guard: the tree goes back to where the step started. */
async function discardWork(stage: Stage, { effect, base }: Flight, reason: string): Promise<Made> {
  if (effect.judging || effect.start === base) return { commit: base, files: [], stepFiles: [], denied: [] };
  const { path: step, attempt, start } = effect;
  const message = `${lastName(step)}: back to the start of the step\n\n${breakAllReferences(reason)}\n\nGump-Run: ${stage.plan.run}\nGump-Step: ${step}\nGump-Attempt: ${attempt}\n`;
  const commit = await stage.workspace.restore({ parent: base, to: start, message });
  if (commit !== base) {
    stage.ledger.hold(commit);
    await stage.recorder.emit({ type: 'tree_reset', step, attempt, to: start, commit });
  }
  return { commit, files: [], stepFiles: [], denied: [] };
}

interface Completed {
  readonly flight: Flight;
  readonly end: AgentEnd;
  readonly killed: string | null;
  readonly made: Made;
  readonly log: string | null;
}

async function completed({ flight, end, killed, made, log }: Completed): Promise<Fact> {
  const { effect } = flight;
  const output = effect.stepKind === 'code' ? end.output : await resultOf(flight, end);
  return {
    type: 'agent_completed',
    step: effect.path,
    attempt: effect.attempt,
    agent: effect.agent,
    outcome: killed === null ? end.outcome : 'killed',
    exit_code: end.exitCode,
    duration_ms: Math.round(end.durationMs),
    ...end.usage,
    session_id: end.sessionId,
    output: cutMiddle(output, effect.stepKind === 'code' ? limits.outputBytesMax : limits.resultBytesMax),
    error: killed ?? end.error,
    commit: made.commit,
    files: made.files,
    step_files: made.stepFiles,
    denied: made.denied,
    ...(made.refused && { refused: made.refused.slice(0, limits.toolPathsMax) }),
    tool_calls: flight.deeds.toolCalls,
    ...firstChange(flight),
    ...(log === null ? {} : { log }),
  };
}

function firstChange({ deeds }: Flight): { readonly first_change_ms?: number } {
  const { launchedAt, firstChangeAt } = deeds;
  if (launchedAt === null || firstChangeAt === null) return {};
  return { first_change_ms: Math.max(0, Date.parse(firstChangeAt) - Date.parse(launchedAt)) };
}

/** The structured output, else the file in the folder that is fresh for this attempt. */
async function resultOf({ resultFile }: Flight, end: AgentEnd): Promise<string> {
  return isResult(end.output) ? end.output : ((await readResultFile(resultFile)) ?? end.output);
}

function isResult(text: string): boolean {
  const json = parseJson(text);
  return 'value' in json && typeof json.value === 'object' && json.value !== null;
}

/** Null where there is none, or where it is no plain file of a sensible size. */
async function readResultFile(path: string): Promise<string | null> {
  try {
    const file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    try {
      const { size } = await file.stat();
      return size <= limits.resultBytesMax && (await file.stat()).isFile()
        ? await file.readFile('utf8')
        : null;
    } finally {
      await file.close();
    }
  } catch {
    return null;
  }
}

function messageOf({ plan, state }: Stage, { effect }: Flight): string {
  const place = locate(plan, state(), effect.path);
  const task = place?.frames.at(-1)?.task?.name;
  const subject = `${task ? `${task}: ` : ''}${lastName(effect.path)}, attempt ${effect.attempt}`;
  const trailers = [
    `Gump-Run: ${plan.run}`,
    `Gump-Step: ${effect.path}`,
    `Gump-Attempt: ${effect.attempt}`,
    `Gump-Agent: ${effect.agent}`,
  ];
  return `${subject}\n\n${trailers.join('\n')}\n`;
}
