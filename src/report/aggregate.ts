/** Several runs together: what each workflow and each agent has come to. */
import { micro } from '../engine/state.ts';
import { formatCost, formatDuration } from './amounts.ts';
import { columns } from './columns.ts';
import type { AgentSummary, Summary } from './summary.ts';

export interface Aggregate {
  readonly runs: number;
  readonly workflows: readonly WorkflowTotals[];
  readonly agents: readonly AgentTotals[];
}

export interface Totals {
  readonly runs: number;
  /** From 0 to 1, of runs or attempts that have ended; null where none has. */
  readonly passRate: number | null;
  /** Null where no step had an attempt. */
  readonly attemptsPerStep: number | null;
  readonly costUsd: number;
  readonly costUnknown: boolean;
  readonly durationMs: number;
  readonly tokensIn: number;
  readonly tokensOut: number;
}

export interface WorkflowTotals extends Totals {
  readonly workflow: string;
  readonly passed: number;
  readonly failed: number;
}

/** Its own steps count for the rate, its judgements for cost, time and tokens only. */
export interface AgentTotals extends Totals {
  readonly agent: string;
  readonly attempts: number;
  readonly judgements: number;
}

/** What a replay copied was done and paid for in another run, and is left out. */
export function aggregate(summaries: readonly Summary[]): Aggregate {
  const workflows = groups(summaries, ({ workflow }) => workflow);
  const agents = new Set(summaries.flatMap((summary) => summary.agents.map(({ agent }) => agent)));
  return {
    runs: summaries.length,
    workflows: [...workflows].map(([workflow, runs]) => workflowTotals(workflow, runs)),
    agents: [...agents].map((agent) => agentTotals(agent, summaries)),
  };
}

function groups<T>(all: readonly T[], nameOf: (one: T) => string): ReadonlyMap<string, readonly T[]> {
  const found = new Map<string, T[]>();
  for (const one of all) found.set(nameOf(one), [...(found.get(nameOf(one)) ?? []), one]);
  return found;
}

function workflowTotals(workflow: string, runs: readonly Summary[]): WorkflowTotals {
  const passed = runs.filter(({ status }) => status === 'pass').length;
  const failed = runs.filter(({ status }) => status === 'fail').length;
  return {
    workflow,
    runs: runs.length,
    passed,
    failed,
    passRate: ratio(passed, passed + failed),
    attemptsPerStep: attemptsPerStep(runs, () => true),
    ...used(runs),
  };
}

function agentTotals(agent: string, runs: readonly Summary[]): AgentTotals {
  const parts = runs.flatMap((run) => run.agents.filter((one) => one.agent === agent));
  const own = runs
    .flatMap((run) => run.steps.flatMap((step) => step.attempts))
    .filter((attempt) => attempt.agent === agent && !attempt.copied);
  const ended = own.filter(({ status }) => status !== 'running');
  return {
    agent,
    runs: parts.length,
    attempts: own.length,
    judgements: sum(parts, (part) => part.judgements),
    passRate: ratio(ended.filter(({ status }) => status === 'pass').length, ended.length),
    attemptsPerStep: attemptsPerStep(runs, (name) => name === agent),
    ...used(parts),
  };
}

function attemptsPerStep(runs: readonly Summary[], isOf: (agent: string | null) => boolean): number | null {
  const counts = runs.flatMap((run) =>
    run.steps.map((step) => step.attempts.filter((one) => isOf(one.agent) && !one.copied).length),
  );
  const steps = counts.filter((count) => count > 0);
  return ratio(
    sum(steps, (count) => count),
    steps.length,
  );
}

type Used = Pick<AgentSummary, 'costUsd' | 'costUnknown' | 'durationMs' | 'tokensIn' | 'tokensOut'>;

function used(parts: readonly Used[]): Used {
  return {
    costUsd: micro(sum(parts, (part) => part.costUsd)),
    costUnknown: parts.some((part) => part.costUnknown),
    durationMs: sum(parts, (part) => part.durationMs),
    tokensIn: sum(parts, (part) => part.tokensIn),
    tokensOut: sum(parts, (part) => part.tokensOut),
  };
}

function sum<T>(all: readonly T[], amount: (one: T) => number): number {
  return all.reduce((total, one) => total + amount(one), 0);
}

function ratio(part: number, whole: number): number | null {
  return whole === 0 ? null : part / whole;
}

/** The aggregate as two tables, lines with endings. */
export function renderAggregate({ runs, workflows, agents }: Aggregate): string {
  const head = ['runs', 'passed', 'attempts a step', 'cost', 'duration', 'tokens in', 'tokens out'];
  const lines = [
    `The last ${runs} run${runs === 1 ? '' : 's'}`,
    '',
    ...columns([
      ['workflow', ...head],
      ...workflows.map((one) => [one.workflow, ...cells(one, `${one.passed}/${one.passed + one.failed}`)]),
    ]),
    ...(agents.length === 0 ? [] : ['']),
    ...columns([
      ...(agents.length === 0 ? [] : [['agent', ...head, 'attempts', 'judgements']]),
      ...agents.map((one) => [one.agent, ...cells(one, null), String(one.attempts), String(one.judgements)]),
    ]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** `2/3 (66%)` where the parts are told. */
function cells(totals: Totals, parts: string | null): readonly string[] {
  const percent = totals.passRate === null ? '–' : `${Math.floor(totals.passRate * 100)}%`;
  return [
    String(totals.runs),
    parts === null || totals.passRate === null ? percent : `${parts} (${percent})`,
    totals.attemptsPerStep === null ? '–' : totals.attemptsPerStep.toFixed(1),
    formatCost(totals.costUsd, totals.costUnknown),
    formatDuration(totals.durationMs),
    String(totals.tokensIn),
    String(totals.tokensOut),
  ];
}
