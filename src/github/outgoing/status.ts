/** What the status comment, the pull request and the check `gump` say of a run. Pure: summary in, markdown out. */
import { formatCost, formatCount, formatDuration, formatSpent } from '../../report/amounts.ts';
import type { AttemptSummary, StepSummary, Summary } from '../../report/summary.ts';
import { boxLine } from '../commands/boxes.ts';
import { defuse, defuseLine } from '../defuse.ts';

export interface StatusFacts {
  readonly summary: Summary;
  readonly branch: string;
  readonly runUrl: string;
  /** Null while there is none. */
  readonly pullRequest: number | null;
  /** Null: the run was started without an issue. */
  readonly issue: number | null;
  /** What GitHub could not be made to show, a sentence each. */
  readonly missing?: readonly string[];
  /** True in the status comments: what can be commanded has a box there. */
  readonly boxes?: boolean;
  /** True in a pull request's own text: steps and commands stand in the status comment below it. */
  readonly brief?: boolean;
  /** What this host leaves out, and how to mend it: a sentence or two each, markdown of ours. */
  readonly hostNotes?: readonly string[];
}

const runWords: Readonly<Record<Summary['status'], string>> = {
  running: '⏳ **Running**',
  lost: '❔ **Lost**',
  pass: '✅ **Passed**',
  fail: '❌ **Failed**',
  cancelled: '⏹ **Cancelled**',
  paused: '⏸ **Waiting for a person**',
};

const gateMarks = { pass: '✓', fail: '✗', skip: '–', running: '…' } as const;

/** The whole block: state, where it happens, what was done, and what can be commanded. */
export function statusBlock(facts: StatusFacts): string {
  const { summary } = facts;
  const reason =
    summary.reason && summary.status !== 'pass'
      ? [`> ${defuse(summary.reason, 2_000).replace(/\n/g, '\n> ')}`]
      : [];
  return [
    ...(facts.brief ? [] : ['### Run']),
    statusLine(summary),
    ...reason,
    places(facts),
    facts.brief ? taskNames(summary) : statusTable(summary),
    ...remarks(summary, facts.missing ?? []),
    ...(facts.brief ? [] : [commands(summary)]),
    ...(facts.boxes ? boxes(summary) : []),
    ...(facts.hostNotes ?? []).map((note) => `<sub>${note}</sub>`),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

/** `✅ **Passed** · workflow \`implement-spec\` · 3 of 3 tasks · $1.20 of $20.00 · 12m34s` */
export function statusLine(summary: Summary): string {
  const passed = summary.tasks.filter((task) => task.status === 'pass').length;
  const isOver = summary.status !== 'running';
  return [
    runWords[summary.status],
    `workflow \`${defuseLine(summary.workflow)}\``,
    ...(summary.tasks.length > 0 ? [`${passed} of ${formatCount(summary.tasks.length, 'task')}`] : []),
    `${formatSpent(summary.costUsd, summary.costUnknown)}${summary.maxBudgetUsd === null ? '' : ` of ${formatCost(summary.maxBudgetUsd)}`}`,
    // While it runs the time would only make edits.
    ...(isOver ? [formatDuration(summary.durationMs)] : []),
  ].join(' · ');
}

/** One line for each step; empty before the first. At most so many lines that a comment holds them. */
function statusTable(summary: Summary): string {
  if (summary.steps.length === 0) return '';
  const rows = summary.steps.map(row);
  const shown =
    rows.length <= linesMax
      ? rows
      : [...rows.slice(0, linesMax / 2), more(rows.length), ...rows.slice(-linesMax / 2)];
  const names = taskNames(summary);
  return [
    '| step | attempt | agent | gates | state |',
    '|---|---|---|---|---|',
    ...shown,
    ...(names === '' ? [] : ['', names]),
  ].join('\n');
}

/** `` `task-1` greeting · `task-2` slug ``; empty where there are none. */
function taskNames({ tasks }: Summary): string {
  const names = tasks.map((task) => `\`${shortPath(task.shown)}\` ${defuseLine(task.name)}`);
  return names.slice(0, linesMax).join(' · ');
}

const linesMax = 120;

function more(count: number): string {
  return `| … ${count - linesMax} more | | | | |`;
}

function row(step: StepSummary): string {
  const last = step.attempts.at(-1);
  const cells = [
    `\`${shortPath(step.shown)}\``,
    last && last.attempt > 0 ? String(last.attempt) : '',
    last?.agent ? `\`${defuseLine(last.agent, 60)}\`` : '',
    last ? gates(last) : '',
    step.status,
  ];
  return `| ${cells.join(' | ')} |`;
}

function gates(attempt: AttemptSummary): string {
  return attempt.gates.map((gate) => `${defuseLine(gate.name, 64)} ${gateMarks[gate.status]}`).join(' ');
}

function shortPath(shown: string): string {
  return defuseLine(shown.replace(/^build\//, ''), 120);
}

function places({ summary, branch, runUrl, pullRequest, issue }: StatusFacts): string {
  return [
    `run \`${summary.run}\``,
    ...(issue === null ? [] : [`Issue #${issue}`]),
    ...(pullRequest === null ? [] : [`Pull request #${pullRequest}`]),
    `branch \`${branch}\``,
    `[log](${runUrl})`,
  ].join(' · ');
}

function remarks(summary: Summary, missing: readonly string[]): readonly string[] {
  const unseen = missing.map((sentence) => `- ⚠️ ${defuseLine(sentence, 600)}`);
  const unchecked = summary.notChecked.map((sentence) => `- Not checked: ${defuseLine(sentence, 400)}`);
  const notices = summary.notices.map((notice) => `- ${defuseLine(notice, 400)}`);
  const lines = [...unchecked, ...notices, ...unseen];
  return lines.length === 0 ? [] : [lines.slice(-20).join('\n')];
}

/** Ticked by somebody who may command, a box is the command. */
function boxes({ status }: Summary): readonly string[] {
  if (status === 'running') return [boxLine('stop', 'stop')];
  if (status === 'paused') return [boxLine('approve', 'approve')];
  return status === 'pass' ? [] : [[boxLine('resume', 'resume'), boxLine('run', 'run')].join('\n')];
}

function commands(summary: Summary): string {
  if (summary.status === 'running')
    return 'Comment `/gump status` to ask where it stands, `/gump stop` to end it.';
  if (summary.status === 'paused')
    return `A person is asked: comment \`/gump approve\` to go on, or \`/gump reject\` with the reason.${pushNote(summary)}`;
  if (summary.status === 'pass') return 'The pull request is ready for a person to review.';
  return 'Comment `/gump resume` to go on where it stopped, or `/gump run` to start anew.';
}

/** @source docs.github.com, "Permissions for the GITHUB_TOKEN": none of them is for workflow files (2026-11) */
function pushNote({ reason }: Summary): string {
  return /\.github\/workflows\b/i.test(reason ?? '')
    ? " What lies in `.github/workflows` can never be pushed with the job's own token: a yes needs the secret `GUMP_PUSH_TOKEN`, a token that may write contents and workflows."
    : '';
}
