/** `gump report --detail STEP`: everything about one step, attempt by attempt. */
import { formatCost, formatDuration, formatSpent } from './amounts.ts';
import { conditionLine } from './condition.ts';
import { cleanLines, oneLine } from './line.ts';
import { statusMark } from './marks.ts';
import type { AttemptSummary, ConditionSummary, GateSummary, StepSummary, Summary } from './summary.ts';

export interface Detail {
  readonly summary: Summary;
  readonly step: StepSummary;
  /** The folder in which the logs are, as people may type it. */
  readonly artifacts: string;
}

/** The step as lines with endings. */
export function renderDetail({ summary, step, artifacts }: Detail): string {
  const names = step.path === step.shown ? step.shown : `${step.shown} (${step.path})`;
  const lines = [
    oneLine(`Step ${names} of run ${summary.run}: ${step.status}`),
    field('kind', step.kind),
    ...optional('reason', step.reason),
    field('cost', formatCost(step.costUsd, step.costUnknown)),
    ...optional('commit', step.commit),
    ...step.attempts.flatMap((attempt) => ['', ...attemptLines(attempt, artifacts)]),
    ...(step.attempts.length === 0 ? ['', 'No attempt of its own: see the steps inside.'] : []),
  ];
  return lines
    .flatMap(cleanLines)
    .map((line) => `${line}\n`)
    .join('');
}

/** The step with what says which run it is of, for other programs. */
export function detailData({ summary, step, artifacts }: Detail): object {
  const { run, workflow, status } = summary;
  return { run, workflow, status, artifacts, step };
}

/** Further lines of a value stand below its first. */
function field(name: string, value: string): string {
  const lines = cleanLines(value.trimEnd());
  return `  ${name.padEnd(9)} ${lines.join(`\n${' '.repeat(12)}`)}`;
}

function optional(name: string, value: string | null): readonly string[] {
  return value === null || value === '' ? [] : [field(name, value)];
}

function attemptLines(attempt: AttemptSummary, artifacts: string): readonly string[] {
  const { startedAt, durationMs, files, verdict, gates, conditions } = attempt;
  const copied = attempt.copied ? ', copied from the run that is replayed' : '';
  return [
    `Attempt ${attempt.attempt}: ${attempt.status}${copied}`,
    ...agentLines(attempt, artifacts),
    field('started', `${startedAt}, took ${formatDuration(durationMs)}`),
    ...optional('commit', attempt.commit),
    ...optional('files', files.map(oneLine).join('\n')),
    ...optional('error', attempt.error),
    ...(verdict
      ? [field('verdict', verdict.pass ? 'pass' : 'fail'), ...optional('comments', verdict.comments)]
      : []),
    ...findingLines(verdict?.findings ?? []),
    ...gates.flatMap((gate) => gateLines(gate, artifacts)),
    ...conditions.flatMap(conditionLines),
  ];
}

function agentLines(attempt: AttemptSummary, artifacts: string): readonly string[] {
  const { agent, sessionMode, sessionId, promptHash, tokensIn, tokensOut, turns, log } = attempt;
  if (agent === null) return [];
  const session = sessionId === null ? sessionMode : `${sessionMode}, ${sessionId}`;
  return [
    field('agent', agent),
    field('session', session),
    ...optional('prompt', promptHash === null ? null : `sha256 ${promptHash}`),
    field('turns', String(turns)),
    ...optional('tools', toolsOf(attempt)),
    field('tokens', `${tokensIn} in, ${tokensOut} out`),
    field('cost', formatSpent(attempt.costUsd, attempt.costUnknown)),
    ...optional('stream', log === null ? null : `${artifacts}/${log}`),
  ];
}

function toolsOf({ toolCalls, firstChangeMs }: AttemptSummary): string | null {
  if (toolCalls === null) return null;
  return firstChangeMs === null
    ? String(toolCalls)
    : `${toolCalls}, the first change after ${formatDuration(firstChangeMs)}`;
}

function gateLines(gate: GateSummary, artifacts: string): readonly string[] {
  const { name, status, durationMs, reason, comments, findings, log } = gate;
  return [
    field('gate', `${statusMark(status)} ${name}: ${status}, took ${formatDuration(durationMs)}`),
    ...optional('', reason),
    ...(comments === reason ? [] : optional('', comments)),
    ...findingLines(findings),
    ...optional('', log === null ? null : `log: ${artifacts}/${log}`),
  ];
}

function conditionLines(condition: ConditionSummary): readonly string[] {
  const { durationMs, costUsd, costUnknown, comments } = condition;
  const spent = `took ${formatDuration(durationMs)}, ${formatSpent(costUsd, costUnknown)}`;
  return [
    field('asked', `${conditionLine({ ...condition, comments: '' })}, ${spent}`),
    ...optional('', comments),
  ];
}

function findingLines(findings: GateSummary['findings']): readonly string[] {
  return findings.map(({ path, line, severity, body }) => {
    const place = line === undefined ? path : `${path}:${line}`;
    return field('', `- ${oneLine(place)}: ${severity === undefined ? '' : `${severity}: `}${body}`);
  });
}
