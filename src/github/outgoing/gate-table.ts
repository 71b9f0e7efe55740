/** The table of the check `gump`: tasks and their steps by gates, each with what it said at every attempt. Pure. */
import type { StepSummary, Summary } from '../../report/summary.ts';
import { defuseLine } from '../defuse.ts';

const marks = { pass: '✓', fail: '✗', skip: '–', running: '…' } as const;

/** Columns of gates; what a run has beyond that stands together in a last one, by name. */
const columnsMax = 10;
/** Rows; a step that did not pass is shown before one that did. */
const rowsMax = 200;

/** Empty before the first step. */
export function gateTable(summary: Summary): string {
  if (summary.steps.length === 0) return '';
  const gates = [...new Set(summary.steps.flatMap(gatesOf))];
  const columns = gates.slice(0, columnsMax);
  const others = new Set(gates.slice(columnsMax));
  const head = [
    'task',
    'step',
    'attempts',
    ...columns.map((name) => cell(name)),
    ...(others.size > 0 ? ['others'] : []),
    'state',
  ];
  const shown = chosen(summary.steps);
  const left = summary.steps.length - shown.length;
  return [
    line(head),
    line(head.map(() => '---')),
    ...shown.map((step) => line(row(summary, step, { columns, others }))),
    ...(left > 0 ? ['', `${left} more steps passed.`] : []),
  ].join('\n');
}

function row(
  { tasks }: Summary,
  step: StepSummary,
  { columns, others }: { columns: readonly string[]; others: ReadonlySet<string> },
): readonly string[] {
  const task = tasks.find(({ path }) => step.path.startsWith(`${path}/`));
  const name = task ? step.path.slice(task.path.length + 1) : step.path;
  const more = gatesOf(step).filter((gate) => others.has(gate));
  return [
    task ? `${task.index} ${cell(task.name)}` : '',
    cell(name),
    String(step.attempts.filter(({ attempt }) => attempt > 0).length || ''),
    ...columns.map((gate) => judgements(step, gate)),
    ...(others.size > 0 ? [more.map((gate) => `${cell(gate)} ${judgements(step, gate)}`).join(', ')] : []),
    step.status,
  ];
}

/** `✗ ✓`: failed at the first attempt, passed at the second; `·` where an attempt never came to it. */
function judgements(step: StepSummary, gate: string): string {
  if (!gatesOf(step).includes(gate)) return '';
  return step.attempts
    .map(({ gates }) => gates.findLast(({ name }) => name === gate))
    .map((judged) => (judged ? marks[judged.status] : '·'))
    .join(' ');
}

function gatesOf({ attempts }: StepSummary): readonly string[] {
  return attempts.flatMap(({ gates }) => gates.map(({ name }) => name));
}

function chosen(steps: readonly StepSummary[]): readonly StepSummary[] {
  if (steps.length <= rowsMax) return steps;
  const open = steps.filter(({ status }) => status !== 'pass');
  const kept = new Set([...open, ...steps.filter(({ status }) => status === 'pass')].slice(0, rowsMax));
  return steps.filter((step) => kept.has(step));
}

function cell(text: string): string {
  return defuseLine(text, 64);
}

function line(cells: readonly string[]): string {
  return `| ${cells.join(' | ')} |`;
}
