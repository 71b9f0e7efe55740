/** A simulated world: effects are answered with events by plain functions of what is asked, so a run takes milliseconds. */
import { decide } from '../../src/engine/decide.ts';
import type { AgentEffect, Effect, GateEffect, MergeEffect } from '../../src/engine/effect.ts';
import { evolve, fold } from '../../src/engine/evolve.ts';
import type { Course } from '../../src/engine/fan-out.ts';
import type { RunState } from '../../src/engine/state.ts';
import type { Event, Fact, Usage } from '../../src/events/event.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { openLaunches, openPauses } from '../../src/runtime/open.ts';
import type { Task, Verdict } from '../../src/workflow/workflow.ts';
import { eventsOf, startOf } from './given.ts';
import { scatter } from './scatter.ts';
import { stepAt } from './step-at.ts';

export interface AgentAnswer {
  readonly outcome?: 'ok' | 'error';
  readonly output?: string;
  readonly tasks?: readonly (Omit<Task, 'files'> & { readonly files?: readonly string[] | null })[];
  readonly verdict?: Partial<Verdict>;
  /** Paths that it changes; `src/x.js` where nothing is said. Only code steps change anything. */
  readonly changes?: readonly string[];
  readonly session?: string | null;
  readonly denied?: readonly string[];
  readonly turns?: number;
  readonly costPerTurnUsd?: number;
  readonly tokensPerTurn?: number;
}

export interface GateAnswer {
  readonly status: 'pass' | 'fail' | 'skip';
  readonly reason?: string;
}

/** Every answer must be a function of the question alone: a repeated attempt meets the same world. */
export interface World {
  readonly agent?: (effect: AgentEffect) => AgentAnswer;
  readonly gate?: (effect: GateEffect) => GateAnswer['status'] | GateAnswer;
  readonly conflicts?: (effect: MergeEffect) => boolean;
  /** Null: nobody is there. */
  readonly person?: (step: string, attempt: number) => boolean | null;
  /** Which of the effects in flight goes on, from 0; default the first. */
  readonly pick?: (count: number, seq: number) => number;
  /** Told every time when the engine has decided. */
  readonly watch?: (state: RunState, effects: readonly Effect[]) => void;
}

export interface Played {
  readonly events: readonly Event[];
  readonly state: RunState;
  /** The most agents that were in flight at once. */
  readonly flightsMax: number;
}

/** A run from its start to its end. */
export function play(plan: Plan, world: World = {}): Played {
  return carryOn(plan, world, { past: [], opening: [startOf(plan)] });
}

/** What an engine that takes over writes first: the lost launches are closed. */
export function takeOver(past: readonly Event[], opening: readonly Fact[]): Fact[] {
  const lost = openLaunches(fold(past)).map(({ step, attempt }): Fact => {
    return { type: 'agent_killed', step, attempt, reason: 'its engine was lost' };
  });
  return [...opening, ...lost];
}

interface Flight {
  readonly effect: Effect;
  /** The facts to come, each a function of the state then. */
  readonly script: (() => readonly Fact[])[];
  reported: Usage;
}

/** A run that goes on behind events that are there. */
export function carryOn(
  plan: Plan,
  world: World,
  {
    past,
    opening,
    course,
    roundsMax = 20_000,
  }: {
    readonly past: readonly Event[];
    readonly opening: readonly Fact[];
    readonly course?: Course;
    /** The engine is lost after so many. */
    readonly roundsMax?: number;
  },
): Played {
  const events: Event[] = [...past];
  let state = fold(past);
  let flightsMax = 0;
  const flights = new Map<string, Flight>();
  const emit = (facts: readonly Fact[]) => {
    for (const event of eventsOf(facts, events)) {
      events.push(event);
      state = evolve(state, event);
    }
  };
  emit(opening);
  for (let round = 0; round < roundsMax; round++) {
    // A branch whose share is used up leaves as it stands.
    if (course?.kind === 'branch' && state.exceeded) flights.clear();
    const effects = decide(plan, state, course);
    world.watch?.(state, effects);
    const facts = effects.flatMap((effect) => (effect.kind === 'record' ? effect.facts : []));
    if (facts.length > 0) {
      emit(facts);
      continue;
    }
    const wanted = new Set(effects.map(({ id }) => id));
    const unwanted = [...flights.values()].filter(({ effect }) => !wanted.has(effect.id));
    for (const flight of unwanted) {
      flights.delete(flight.effect.id);
      emit(killed(state, flight));
    }
    if (unwanted.length > 0) continue;
    for (const effect of effects)
      if (!flights.has(effect.id)) flights.set(effect.id, takeOff(world, effect, state));
    flightsMax = Math.max(
      flightsMax,
      [...flights.values()].filter((one) => one.effect.kind === 'agent').length,
    );
    const [...running] = flights.values();
    const flight = running[(world.pick?.(running.length, events.length) ?? 0) % Math.max(1, running.length)];
    if (flight) {
      emit(flight.script.shift()?.() ?? []);
      if (flight.script.length === 0) flights.delete(flight.effect.id);
      continue;
    }
    if (state.status !== 'running') return { events, state, flightsMax };
    const [pause] = openPauses(state);
    if (!pause) throw new Error(`nothing left to do and no end:\n${told(events)}`);
    const { step, attempt } = pause;
    const approved = world.person?.(step, attempt) ?? null;
    if (approved === null) emit([{ type: 'run_paused', run: plan.run, reason: 'waits', step }]);
    else emit([{ type: 'hitl_resumed', step, attempt, approved, by: null, reason: null }]);
  }
  if (roundsMax < 20_000) return { events, state, flightsMax };
  throw new Error(`the run does not end:\n${told(events.slice(-60))}`);
}

function takeOff(world: World, effect: Effect, state: RunState): Flight {
  const flight: Flight = { effect, script: [], reported: { turns: 0, tokens_in: 0, tokens_out: 0, cost: 0 } };
  const attempt = stepAt(state, effect.kind === 'agent' ? effect.path : '')?.attempt;
  if (attempt?.guard) {
    flight.reported = attempt.launch?.usage ?? flight.reported;
    flight.script.push(() => killed(state, flight));
    return flight;
  }
  if (effect.kind === 'agent') flight.script.push(...fly(flight, effect, world.agent?.(effect) ?? {}));
  if (effect.kind === 'gate') flight.script.push(...measure(effect, world.gate?.(effect) ?? 'pass'));
  if (effect.kind === 'merge') flight.script.push(() => merge(world, effect));
  return flight;
}

function fly(flight: Flight, effect: AgentEffect, answer: AgentAnswer): (() => readonly Fact[])[] {
  const { path: step, attempt, agent, session } = effect;
  const session_id = session.mode === 'resume' ? session.id : null;
  const turns = answer.turns ?? 1;
  const base = effect.reset ? restored(effect) : effect.base;
  const reset: Fact[] =
    base === effect.base ? [] : [{ type: 'tree_reset', step, attempt, to: effect.start, commit: base }];
  const usage = (turn: number): Usage => ({
    turns: turn,
    tokens_in: turn * (answer.tokensPerTurn ?? 0),
    tokens_out: 0,
    cost: Math.round(turn * (answer.costPerTurnUsd ?? 0) * 1e6) / 1e6,
  });
  return [
    () => [...reset, { type: 'agent_launched', step, attempt, agent, prompt_hash: 'p', session_id }],
    ...Array.from({ length: turns }, (_, index) => () => {
      flight.reported = usage(index + 1);
      return [{ type: 'agent_progress', step, attempt, ...flight.reported } as const];
    }),
    () => [completed(effect, answer, { base, usage: usage(turns) })],
  ];
}

function completed(
  effect: AgentEffect,
  answer: AgentAnswer,
  { base, usage }: { base: string; usage: Usage },
): Fact {
  const writes = effect.stepKind === 'code' && !effect.judging;
  const files = writes ? (answer.changes ?? ['src/x.js']) : [];
  const ok = (answer.outcome ?? 'ok') === 'ok';
  const session = answer.session === undefined ? `s-${effect.id}` : answer.session;
  return {
    type: 'agent_completed',
    step: effect.path,
    attempt: effect.attempt,
    agent: effect.agent,
    outcome: ok ? 'ok' : 'error',
    exit_code: ok ? 0 : 1,
    duration_ms: 1000,
    session_id: effect.session.mode === 'resume' ? effect.session.id : session,
    output: outputOf(effect, answer),
    error: ok ? null : 'the agent crashed',
    commit: files.length > 0 ? idOf(`${base}+${effect.id}`) : base,
    files,
    step_files: files,
    denied: answer.denied ?? [],
    ...usage,
  };
}

function outputOf({ stepKind }: AgentEffect, answer: AgentAnswer): string {
  if (answer.output !== undefined) return answer.output;
  if (stepKind === 'split') return JSON.stringify(answer.tasks ?? []);
  if (stepKind === 'validate') return JSON.stringify(answer.verdict ?? { pass: true });
  return 'done';
}

/** What is no longer wanted ends, and what it has cost is booked. */
function killed(state: RunState, { effect, reported, script }: Flight): readonly Fact[] {
  if (effect.kind === 'gate') {
    if (script.length === 2) return [];
    const { path: step, attempt, label: gate, commit } = effect;
    return [{ type: 'gate_failed', step, attempt, gate, commit, duration_ms: 0, reason: 'stopped' }];
  }
  if (effect.kind !== 'agent' || !stepAt(state, effect.path)?.attempt?.launch) return [];
  const { path: step, attempt } = effect;
  const reason = stepAt(state, step)?.attempt?.guard?.reason ?? 'no longer wanted';
  const end = completed(effect, { changes: [] }, { base: effect.base, usage: reported });
  return [
    { type: 'agent_killed', step, attempt, reason, ...reported },
    { ...end, outcome: 'killed', error: reason, output: '' } as Fact,
  ];
}

function measure(effect: GateEffect, answer: GateAnswer['status'] | GateAnswer): (() => readonly Fact[])[] {
  const { path: step, attempt, label: gate, commit } = effect;
  const { status, reason = '' } = typeof answer === 'string' ? { status: answer } : answer;
  const about = { step, attempt, gate, commit };
  const measured = { ...about, duration_ms: 10 };
  return [
    () => [{ type: 'gate_started', ...about }],
    () => {
      if (status === 'pass') return [{ type: 'gate_passed', ...measured }];
      return [{ type: status === 'fail' ? 'gate_failed' : 'gate_skipped', ...measured, reason }];
    },
  ];
}

function merge(world: World, effect: MergeEffect): readonly Fact[] {
  const { path: step, branch: task, ours, theirs, base } = effect;
  if (ours === base) return [{ type: 'task_merged', step, task, commit: theirs }];
  if (world.conflicts?.(effect))
    return [{ type: 'task_conflict', step, task, files: ['a.js'], reason: 'conflict' }];
  return [{ type: 'task_merged', step, task, commit: idOf(`${ours}&${theirs}`) }];
}

/** The commit that restores the step's start; the base itself where it is one already. */
function restored({ base, start }: AgentEffect): string {
  const mark = `${start}~`;
  return base === start || base.startsWith(mark) ? base : `${mark}${idOf(base)}`;
}

/** A commit's id: short, and a function of what the commit is made of. */
function idOf(text: string): string {
  return [0, 1].map((start) => scatter(text, start).toString(16).padStart(8, '0')).join('');
}

/** The events as lines, for messages. */
export function told(events: readonly Event[]): string {
  return events.map(({ v: _, ts: __, ...rest }) => JSON.stringify(rest)).join('\n');
}
