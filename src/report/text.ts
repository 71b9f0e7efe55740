/** `gump report` on a terminal. */
import { limits } from '../limits.ts';
import { formatCost, formatDuration, formatSpent } from './amounts.ts';
import { conditionLine } from './condition.ts';
import { untoldFailure } from './failed.ts';
import { isolationWords } from './isolation.ts';
import { firstLine, oneLine } from './line.ts';
import { gateMarks, statusMark } from './marks.ts';
import type { AttemptSummary, ConditionSummary, StepSummary, Summary } from './summary.ts';

/** The whole report as lines with endings: head, tasks, steps with attempts, notices, what was not checked. */
export function renderText(summary: Summary): string {
  const lines = [
    ...head(summary),
    ...section(
      'Tasks',
      summary.tasks.map(({ shown, name, status }) => row([statusMark(status), shown, name])),
    ),
    ...section(
      'Steps',
      summary.steps.flatMap((step) => stepLines(step, untoldFailure(step, summary.steps))),
    ),
    ...section(
      'Notices',
      summary.notices.map((notice) => firstLine(notice, limits.traceReasonCharactersMax)),
    ),
    ...section('Not reached', summary.notReached),
    ...section('Not checked', summary.notChecked),
  ];
  return lines.map((line) => `${oneLine(line)}\n`).join('');
}

function head(summary: Summary): string[] {
  const { maxBudgetUsd, costUsd, costUnknown, tokensIn, tokensOut } = summary;
  const budget = maxBudgetUsd === null ? '' : ` of ${formatCost(maxBudgetUsd)}`;
  return [
    `Run ${summary.run}: ${summary.status}`,
    ...(summary.reason === null
      ? []
      : [`  reason    ${firstLine(summary.reason, limits.traceReasonCharactersMax)}`]),
    `  workflow  ${summary.workflow}`,
    `  spec      ${summary.specOrigin}`,
    ...(summary.replay ? [`  replays   ${summary.replay.of} from ${summary.replay.fromStep}`] : []),
    ...(summary.startedAt === null ? [] : [`  started   ${summary.startedAt}`]),
    `  duration  ${formatDuration(summary.durationMs)}`,
    `  cost      ${formatCost(costUsd, costUnknown)}${budget}  (${tokensIn} tokens in, ${tokensOut} out)`,
    `  commit    ${summary.commit}${isUnchanged(summary) ? '  (nothing was changed)' : ''}`,
    ...(summary.isolation === null ? [] : [`  agents    ${isolationWords(summary.isolation)}`]),
  ];
}

function isUnchanged({ status, commit, base }: Summary): boolean {
  return status === 'pass' && commit === base;
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}

/** What has no attempt of its own is shown by the steps inside it, unless it alone has failed. */
function stepLines(step: StepSummary, untold: string | null): string[] {
  if (step.attempts.length === 0 && untold === null) return [];
  const own = row([statusMark(step.status), step.shown, formatSpent(step.costUsd, step.costUnknown)]);
  return [
    own,
    ...(untold === null ? [] : [`    ${firstLine(untold, limits.traceReasonCharactersMax)}`]),
    ...step.attempts.flatMap((attempt) => attemptLines(attempt).map((line) => `    ${line}`)),
  ];
}

function attemptLines(attempt: AttemptSummary): string[] {
  const { agent, durationMs, costUsd, costUnknown, gates, error, status } = attempt;
  const facts = [
    statusMark(status),
    String(attempt.attempt),
    ...(agent === null ? [] : [agent]),
    formatDuration(durationMs),
    formatSpent(costUsd, costUnknown),
    gateMarks(gates),
    attempt.copied ? '(copied)' : '',
  ];
  return [
    row(facts),
    ...(error === null ? [] : [`  ${firstLine(error, limits.traceReasonCharactersMax)}`]),
    ...attempt.conditions.map((condition) => `  ${conditionRow(condition)}`),
  ];
}

function conditionRow(condition: ConditionSummary): string {
  const { durationMs, costUsd, costUnknown } = condition;
  return row([conditionLine(condition), formatDuration(durationMs), formatSpent(costUsd, costUnknown)]);
}

function row(cells: readonly string[]): string {
  return cells.filter((cell) => cell !== '').join('  ');
}
