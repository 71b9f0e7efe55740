/** R3: redact → append (durable) → evolve → publish, here and in that order. */
import { evolve } from '../engine/evolve.ts';
import type { RunState } from '../engine/state.ts';
import type { Event, Fact } from '../events/event.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Sink } from '../ports/sink.ts';
import type { System } from '../ports/system.ts';

export interface Recorder {
  /** The state behind the newest durable event. */
  state(): RunState;
  /** Durable and published on return. @throws GumpError `ledger` */
  emit(...facts: readonly Fact[]): Promise<void>;
  /** Facts that depend on the state when it is their turn: what is on its way into the ledger has changed it by then. */
  emitBy(decide: (state: RunState) => readonly Fact[]): Promise<void>;
  /** Settles at the next event after the call. */
  changed(): Promise<void>;
}

interface RecorderParts {
  readonly ledger: Ledger;
  readonly sinks: readonly Sink[];
  readonly system: System;
  readonly state: RunState;
}

export function createRecorder({ ledger, sinks, system, state: initial }: RecorderParts): Recorder {
  let state = initial;
  let queue: Promise<void> = Promise.resolve();
  let listeners: (() => void)[] = [];
  let broken: { readonly error: unknown } | null = null;

  async function write(facts: readonly Fact[]): Promise<void> {
    // What could not be written is missing; nothing may follow it in the ledger.
    if (broken) throw broken.error;
    if (facts.length === 0) return;
    const ts = system.now();
    const events = facts.map((fact, index): Event => {
      return { v: 1, seq: state.seq + 1 + index, ts, ...masked(fact, system.redact) };
    });
    try {
      await ledger.append(events);
    } catch (error) {
      broken = { error };
      throw error;
    }
    for (const event of events) {
      state = evolve(state, event);
      for (const sink of sinks) publish(sink, event);
    }
    const woken = listeners;
    listeners = [];
    for (const wake of woken) wake();
  }

  function emitBy(decide: (state: RunState) => readonly Fact[]): Promise<void> {
    const written = queue.then(() => write(decide(state)));
    queue = written.catch(() => undefined);
    return written;
  }

  return {
    state: () => state,
    emit: (...facts) => (facts.length === 0 ? queue : emitBy(() => facts)),
    emitBy,
    changed: () => new Promise((resolve) => listeners.push(resolve)),
  };
}

/** R6: what shows a run cannot hurt it. */
export function publish(sink: Sink, event: Event): void {
  try {
    sink.event(event);
  } catch {
    // A sink tells of its own troubles; a throw here is a defect of the sink and stays with it.
  }
}

/** Fields that hold what somebody said, in any fact and at any depth; every other text is structure. */
const freeText = new Set('reason output error message comments body description prompt'.split(' '));

/** A secret of a service is at least this long; a shorter one may well be the name of a step. */
const structureSecretCharactersMin = 16;

/**
 * The fact with its secrets masked: in free text all of them; in structure (types, step paths, names, ids, commits,
 * files), which a run cannot lose and an agent can name, only those of at least 16 characters.
 */
function masked<T>(value: T, redact: System['redact'], field = ''): T {
  if (typeof value === 'string') {
    return (freeText.has(field) ? redact(value) : redact(value, structureSecretCharactersMin)) as T;
  }
  if (Array.isArray(value)) return value.map((item) => masked(item, redact, field)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, masked(item, redact, key)]),
  ) as T;
}
