/** What folds rely on in each event: the fields that must be there, and of what kind. */
import type { EventType, Fact } from './event.ts';

type Kind = 'string' | 'number' | 'boolean' | 'object' | 'list' | 'string?' | 'number?' | 'list?' | 'object?';
type FactOf<T extends EventType> = Extract<Fact, { type: T }>;
type Shape<T extends EventType> = { readonly [K in keyof FactOf<T>]?: Kind };

const attempt = { step: 'string', attempt: 'number' } as const;
const usage = { turns: 'number', tokens_in: 'number', tokens_out: 'number', cost: 'number' } as const;
const judged = { ...attempt, gate: 'string', commit: 'string' } as const;

const shapes: { readonly [T in EventType]: Shape<T> } = {
  run_started: {
    run: 'string',
    workflow: 'string',
    spec_origin: 'string',
    base: 'string',
    settings: 'object',
  },
  run_resumed: { run: 'string', reason: 'string' },
  budget_set: { max_budget: 'number', by: 'string?', order: 'string?' },
  run_replayed: { run: 'string', of: 'string', from_step: 'string' },
  run_completed: {
    status: 'string',
    duration_ms: 'number',
    cost: 'number',
    reason: 'string?',
    commit: 'string?',
  },
  run_paused: { reason: 'string', step: 'string' },
  run_interrupted: { signal: 'string' },
  run_handed_over: { run: 'string' },
  run_fanned_out: { run: 'string', branches: 'list', share_budget: 'number?', share_tokens: 'number?' },
  branch_left: { run: 'string', branch: 'string', status: 'string', reason: 'string?' },
  group_started: { step: 'string', step_type: 'string', round: 'number' },
  step_started: {
    ...attempt,
    step_type: 'string',
    agent: 'string?',
    task: 'string?',
    session_mode: 'string',
  },
  tree_reset: { ...attempt, to: 'string', commit: 'string' },
  agent_launched: { ...attempt, agent: 'string' },
  session_lost: { ...attempt, session_id: 'string', prompt_hash: 'string' },
  agent_progress: { ...attempt, ...usage },
  agent_completed: {
    ...attempt,
    ...usage,
    outcome: 'string',
    error: 'string?',
    output: 'string',
    files: 'list',
  },
  agent_killed: { ...attempt, reason: 'string' },
  state_updated: { ...attempt, tasks: 'list?', verdict: 'object?', commit: 'string?', error: 'string?' },
  gate_started: judged,
  gate_passed: { ...judged, duration_ms: 'number' },
  gate_failed: { ...judged, duration_ms: 'number', reason: 'string' },
  gate_skipped: { ...judged, duration_ms: 'number', reason: 'string' },
  condition_started: { ...attempt, condition: 'string', commit: 'string', reason: 'string' },
  condition_ended: { ...attempt, condition: 'string', applies: 'boolean', reason: 'string' },
  guard_triggered: { ...attempt, guard: 'string', reason: 'string' },
  retry_triggered: { ...attempt, overrides: 'object', reason: 'string' },
  hitl_paused: { ...attempt, when: 'string' },
  hitl_resumed: { ...attempt, approved: 'boolean', by: 'string?', reason: 'string?' },
  budget_exceeded: { scope: 'string', kind: 'string', max: 'number', current: 'number' },
  task_started: { step: 'string', task: 'string', index: 'number' },
  task_merged: { step: 'string', task: 'string', commit: 'string' },
  task_conflict: { step: 'string', task: 'string', files: 'list', reason: 'string' },
  step_completed: { ...attempt, status: 'string', commit: 'string', reason: 'string?' },
  notice: { message: 'string' },
};

/** Why a parsed line is not the event that it says it is, as a phrase; null where it is, or where its type is unknown. */
export function shapeProblem(event: Readonly<Record<string, unknown>>): string | null {
  if (typeof event.ts !== 'string') return 'it has no ts';
  if (typeof event.type !== 'string') return 'it has no type';
  if (!Object.hasOwn(shapes, event.type)) return null;
  const shape = shapes[event.type as EventType] as Readonly<Record<string, Kind>>;
  for (const [field, kind] of Object.entries(shape)) {
    if (!is(event[field], kind)) return `its ${event.type} needs ${field} (${kind.replace('?', ' or null')})`;
  }
  return null;
}

function is(value: unknown, kind: Kind): boolean {
  if (kind.endsWith('?')) return value === null || is(value, kind.slice(0, -1) as Kind);
  if (kind === 'list') return Array.isArray(value);
  if (kind === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === kind;
}
