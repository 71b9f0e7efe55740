/** The description of a plan as lines, the steps in the order in which they would run. */
import type { AttemptDescription, GateDescription, PlanDescription, StepDescription } from './describe.ts';
import type { RunLimits } from './plan.ts';

/** Without line endings. Text of a workflow file stands in it as it is: whoever shows it sees to that. */
export function describeLines(description: PlanDescription): readonly string[] {
  const { workflow, spec, base, limits, maxParallel, pauseAfter, steps } = description;
  return [
    `${workflow} on ${spec}, from commit ${base.slice(0, 12)}`,
    `limits: ${limitWords(limits, 'none')}; attempts at once: ${maxParallel}`,
    ...(pauseAfter === null ? [] : [`pauses after ${pauseAfter} until a person says yes`]),
    '',
    ...steps.flatMap(stepLines),
  ];
}

function stepLines(step: StepDescription): readonly string[] {
  const head = [
    step.kind,
    step.parallel ? 'parallel' : '',
    step.workflow === null ? '' : `workflow: ${step.workflow}`,
    agentWords(step.attempts),
    step.limits === null ? '' : `limits: ${limitWords(step.limits, 'none')}`,
    ...settingWords(step),
  ];
  const own = [
    `${`[${step.path}]`.padEnd(29)}${words(head)}`,
    ...step.gates.flatMap(gateLines),
    ...attemptLines(step),
  ];
  return [...step.get.flatMap(stepLines), ...own, ...step.steps.flatMap(stepLines)];
}

function agentWords([first]: readonly AttemptDescription[]): string {
  return first && first.agent !== null ? `(${first.agent})` : '';
}

function settingWords({ worktree, kind, sessionFrom, hitl, guard }: StepDescription): readonly string[] {
  const { maxTurns, maxBudgetUsd, maxTokens, maxTimeMs, idleTimeoutMs } = guard;
  const usual = kind === 'split' || kind === 'validate' ? 'read-only' : 'read-write';
  return [
    worktree === usual ? '' : `worktree: ${worktree}`,
    sessionFrom === null ? '' : `session from: ${sessionFrom}`,
    hitl === null ? '' : `asks a person: ${hitl}`,
    maxTurns === null ? '' : `at most ${maxTurns} turns`,
    maxBudgetUsd === null ? '' : `at most ${dollars(maxBudgetUsd)}`,
    maxTokens === null ? '' : `at most ${maxTokens} tokens`,
    maxTimeMs === null ? '' : `at most ${seconds(maxTimeMs)}`,
    idleTimeoutMs === null ? '' : `at most ${seconds(idleTimeoutMs)} without a sign of life`,
  ];
}

function gateLines({ name, kind, argument, command, steps }: GateDescription): readonly string[] {
  const isTelling = kind === 'bash' || kind === 'validate' || name === kind;
  const what = words([isTelling ? '' : kind, kind === 'bash' ? '' : (argument ?? '')]);
  const text = command?.text === null || command === null ? '' : `\`${command.text}\``;
  const source = command === null || kind === 'bash' ? '' : `(${command.source})`;
  const judge = steps.length > 0 ? agentsIn(steps) : '';
  const line = words([name, what, text, source, judge]);
  return [`  gate      ${line}`];
}

/** Who judges: the agents of a validator's steps. */
function agentsIn(steps: readonly StepDescription[]): string {
  const names = steps.flatMap(namesIn);
  return names.length === 0 ? '' : `judged by ${[...new Set(names)].join(', ')}`;
}

function namesIn({ attempts, get, steps }: StepDescription): readonly string[] {
  return [...attempts.flatMap(({ agent }) => agent ?? []), ...[...get, ...steps].flatMap(namesIn)];
}

function attemptLines({ attempts, attemptsMax }: StepDescription): readonly string[] {
  if (attemptsMax === 1) return [];
  const rows = attempts.slice(1).map((row) => `  attempt   ${attemptWords(row)}`);
  return [...rows, `  attempt   at most ${attemptsMax}`];
}

function attemptWords({
  from,
  when,
  judge,
  agent,
  newSession,
  resetWorktree,
  ownPrompt,
}: AttemptDescription): string {
  const changes = [
    agent ?? '',
    ownPrompt ? 'prompt override' : '',
    newSession ? 'session new' : '',
    resetWorktree ? 'worktree reset' : '',
  ].filter((change) => change !== '');
  const asked = judge === null ? '' : agentsIn(judge.steps);
  const condition = `if ${when}${asked === '' ? '' : ` (${asked})`}`;
  return `${from === null ? condition : `${from} on`}: ${changes.join(', ') || 'as before'}`;
}

function limitWords({ maxBudgetUsd, maxTokens, maxTimeoutMs }: RunLimits, otherwise: string): string {
  const parts = [
    maxBudgetUsd === null ? '' : dollars(maxBudgetUsd),
    maxTokens === null ? '' : `${maxTokens} tokens`,
    maxTimeoutMs === null ? '' : seconds(maxTimeoutMs),
  ].filter((part) => part !== '');
  return parts.length === 0 ? otherwise : parts.join(', ');
}

function dollars(amountUsd: number): string {
  return `$${amountUsd.toFixed(2)}`;
}

function seconds(durationMs: number): string {
  return `${Math.round(durationMs / 1000)} s`;
}

function words(parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('  ');
}
