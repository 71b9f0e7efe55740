/** The report as GitHub's markdown: job summary and pull request. Everything from outside is escaped or fenced. */
import { limits } from '../limits.ts';
import { formatCost, formatDuration, formatSpent } from './amounts.ts';
import { conditionLine } from './condition.ts';
import { codeBlock, escapeHtml, escapeLine } from './escape.ts';
import { untoldFailure } from './failed.ts';
import { fitLines } from './fit.ts';
import { isolationWords } from './isolation.ts';
import { gateMarks, statusMark } from './marks.ts';
import type { AttemptSummary, ConditionSummary, GateSummary, StepSummary, Summary } from './summary.ts';
import { timelineRows } from './timeline.ts';

export interface MarkdownOptions {
  /** UTF-8; default: GitHub's job summary. */
  readonly bytesMax?: number;
}

/** The report as lines with endings, never longer than `bytesMax`: what does not fit is cut off by whole lines and told. */
export function renderMarkdown(summary: Summary, options: MarkdownOptions = {}): string {
  const lines = [
    ...head(summary),
    ...list('Not reached', summary.notReached),
    ...list('Not checked', summary.notChecked),
    ...attemptTable(summary),
    ...timeline(summary),
    ...list('Notices', summary.notices),
    ...failures(summary),
  ];
  return fitLines(lines, options.bytesMax ?? limits.summaryBytesMax);
}

function head(summary: Summary): string[] {
  const { workflow, run, status, reason, costUsd, costUnknown, maxBudgetUsd, tokensIn, tokensOut } = summary;
  const budget = maxBudgetUsd === null ? '' : ` of ${formatCost(maxBudgetUsd)}`;
  const facts = [
    `run ${escapeLine(run)}`,
    `spec ${escapeLine(summary.specOrigin)}`,
    formatDuration(summary.durationMs),
    `${formatSpent(costUsd, costUnknown)}${budget}`,
    `${tokensIn} tokens in, ${tokensOut} out`,
    ...agents(summary),
    ...(summary.isolation === null ? [] : [`agents ${escapeLine(isolationWords(summary.isolation))}`]),
  ];
  return [
    `## ${statusMark(status)} ${escapeLine(workflow)}: ${status}`,
    '',
    facts.join(' · '),
    ...(reason === null ? [] : ['', `**${escapeLine(reason)}**`]),
  ];
}

function agents({ steps }: Summary): string[] {
  const names = new Set(steps.flatMap((step) => step.attempts.flatMap(({ agent }) => agent ?? [])));
  return names.size === 0 ? [] : [[...names].map((name) => escapeLine(name)).join(', ')];
}

function list(title: string, items: readonly string[]): string[] {
  if (items.length === 0) return [];
  return ['', `### ${title}`, '', ...items.map((item) => `- ${escapeLine(item)}`)];
}

function attemptTable(summary: Summary): string[] {
  const rows = summary.steps.flatMap((step) =>
    step.attempts.flatMap((one) => attemptRows(summary, step, one)),
  );
  if (rows.length === 0) return [];
  return [
    '',
    '### Steps',
    '',
    '| | task | step | attempt | agent | gates | duration | cost |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
  ];
}

/** The attempt, and who was asked about it once it had failed; what that cost is among the attempt's. */
function attemptRows(summary: Summary, step: StepSummary, attempt: AttemptSummary): readonly string[] {
  const task = summary.tasks.findLast(({ path }) => step.path.startsWith(`${path}/`));
  const place = [
    task ? escapeLine(`${task.shown} ${task.name}`) : '',
    escapeLine(task ? step.shown.slice(task.shown.length + 1) : step.shown),
    String(attempt.attempt),
  ];
  const own = [
    ...[statusMark(attempt.status), ...place, escapeLine(attempt.agent ?? '')],
    ...[escapeLine(gateMarks(attempt.gates)), ...spent(attempt)],
  ];
  const asked = attempt.conditions.map((one) => [
    '',
    ...place,
    '',
    escapeLine(conditionLine(one)),
    ...spent(one),
  ]);
  return [own, ...asked].map((cells) => `| ${cells.join(' | ')} |`);
}

function spent({ durationMs, costUsd, costUnknown }: AttemptSummary | ConditionSummary): readonly string[] {
  return [formatDuration(durationMs), formatCost(costUsd, costUnknown)];
}

function timeline(summary: Summary): string[] {
  const rows = timelineRows(summary);
  return rows.length === 0 ? [] : ['', '### Timeline', '', ...codeBlock(rows.join('\n'))];
}

/** Why attempts, gates and steps failed, in full, folded away. */
function failures({ steps }: Summary): string[] {
  const blocks = steps.flatMap((step) => {
    const untold = untoldFailure(step, steps);
    const attempts = step.attempts.flatMap((attempt) => {
      const title = `${step.shown}, attempt ${attempt.attempt}`;
      const failed = attempt.gates.filter((gate) => gate.status === 'fail');
      if (failed.length > 0) return failed.flatMap((gate) => folded(`${title}: ${gate.name}`, told(gate)));
      return attempt.error === null ? [] : folded(title, attempt.error);
    });
    return [...attempts, ...(untold === null ? [] : folded(step.shown, untold))];
  });
  return blocks.length === 0 ? [] : ['', '### What failed', ...blocks];
}

function told(gate: GateSummary): string {
  const findings = gate.findings.map(
    ({ path, line, body }) => `${path}${line === undefined ? '' : `:${line}`}: ${body}`,
  );
  return [gate.reason || gate.comments, ...findings].join('\n');
}

function folded(title: string, text: string): string[] {
  return ['', `<details><summary>${escapeHtml(title)}</summary>`, '', ...codeBlock(text), '', '</details>'];
}
