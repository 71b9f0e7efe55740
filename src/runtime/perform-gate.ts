/** Performing a gate: the tree of the commit, the measurement, its log, its verdict. */
import type { GateEffect } from '../engine/effect.ts';
import { locate, type Place } from '../engine/place.ts';
import { GumpError } from '../errors.ts';
import { reportsName } from '../events/artifacts.ts';
import type { Fact } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { GateResult } from '../ports/gate.ts';
import { cutMiddle } from '../template/cut.ts';
import { shellQuote } from '../template/shell-quote.ts';
import type { Gate } from '../workflow/workflow.ts';
import { artifactName } from './artifact-name.ts';
import type { Stage } from './dependencies.ts';
import { renderAt } from './render.ts';

export async function performGate(stage: Stage, effect: GateEffect, signal: AbortSignal): Promise<void> {
  const { path, attempt, label, commit } = effect;
  const about = { step: path, attempt, gate: label, commit };
  const startedMs = performance.now();
  await stage.recorder.emit({ type: 'gate_started', ...about });
  const result = await measure(stage, effect, signal);
  // A gate that a stop may have cut off has judged nothing; it runs again when the run goes on.
  if (stage.stopping()) return;
  const log = result.log === '' ? {} : { log: artifactName(effect, effect.label, 'log') };
  if (log.log) await stage.ledger.keep(log.log, stage.system.redact(result.log));
  if (log.log && result.reports)
    await stage.ledger.keep(reportsName(log.log), stage.system.redact(result.reports));
  const measured = { ...about, duration_ms: Math.round(performance.now() - startedMs), ...log };
  await stage.recorder.emit(
    signal.aborted ? { type: 'gate_failed', ...measured, reason: 'stopped' } : verdict(measured, result),
  );
}

interface Measured {
  readonly step: string;
  readonly attempt: number;
  readonly gate: string;
  readonly commit: string;
  readonly duration_ms: number;
  readonly log?: string;
}

function verdict(measured: Measured, result: GateResult): Fact {
  const reason = cutMiddle(result.reason, limits.reasonBytesMax);
  if (result.status === 'fail') return { type: 'gate_failed', ...measured, reason };
  if (result.status === 'skip') return { type: 'gate_skipped', ...measured, reason };
  return reason === '' ? { type: 'gate_passed', ...measured } : { type: 'gate_passed', ...measured, reason };
}

async function measure(stage: Stage, effect: GateEffect, signal: AbortSignal): Promise<GateResult> {
  const { path, commit, gate, scope } = effect;
  const place = locate(stage.plan, stage.state(), path);
  if (!place?.step?.attempt)
    throw new GumpError(`the gate ${effect.id} has no attempt to judge`, { code: 'internal' });
  const tree = effect.judging
    ? await stage.workspace.view(viewKey(effect), commit)
    : await stage.workspace.tree(scope, commit);
  const base = stage.plan.base;
  const result = await stage.gates.run({
    gate,
    argument: await argumentOf(stage, place, gate),
    cwd: tree.dir,
    commit,
    base,
    files: place.step.attempt.end?.stepFiles ?? (await stage.workspace.changedFiles(base, commit)),
    tasks: place.step.attempt.result?.tasks ?? null,
    readBase: (file) => stage.workspace.readFile(base, file),
    changed: () => stage.workspace.sinceBase(commit),
    signal,
  });
  return withHidden(result, tree.hidden ?? []);
}

/** Only commands are templates: braces of a glob mean something else. */
async function argumentOf(stage: Stage, place: Place, { kind, argument }: Gate): Promise<string | null> {
  return kind === 'bash' && argument !== null ? renderAt(stage, place, argument, shellQuote) : argument;
}

/** A file that is not there because it is in no commit is the likeliest reason of a failure, and the agent can mend it. */
function withHidden(result: GateResult, hidden: readonly string[]): GateResult {
  if (result.status !== 'fail' || hidden.length === 0) return result;
  const shown = hidden.slice(0, 5).join(', ');
  const more = hidden.length > 5 ? ` and ${hidden.length - 5} more` : '';
  const remark = `judged without ${shown}${more}: ignored by the attempt's own rules, so in no commit`;
  return { ...result, reason: `${remark}\n${result.reason}` };
}

/** One view per judged step, which the next attempt's judge uses again; judges side by side have one each. */
export function viewKey({ path, scope }: { readonly path: string; readonly scope: string }): string {
  const around = path.split('/').slice(0, -1).join('/') || path;
  return scope.length > around.length ? scope : around;
}
