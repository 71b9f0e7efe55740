import type { App, AppManifest, Delivery, Repository, RequestRecord, Token, User } from './records.ts';

/** Pages and the runner read the state from here; the shape of one thing is in records.ts. */
export type { Repository } from './records.ts';

export interface StandinState {
  readonly users: Map<string, User>;
  readonly apps: Map<number, App>;
  readonly tokens: Map<string, Token>;
  /** Key: owner/name in lower case. */
  readonly repositories: Map<string, Repository>;
  readonly deliveries: Delivery[];
  /** By the code that is changed for the App, once. */
  readonly manifests: Map<string, AppManifest>;
  readonly requests: RequestRecord[];
  readonly counters: Map<string, number>;
}

export function createState(): StandinState {
  aheadMs = 0;
  return {
    users: new Map(),
    apps: new Map(),
    tokens: new Map(),
    repositories: new Map(),
    deliveries: [],
    manifests: new Map(),
    requests: [],
    counters: new Map(),
  };
}

/** The next number of a kind of thing; ids are counters so that two equal stories have equal ids. */
export function nextId(state: StandinState, kind: string, first = 1001): number {
  const id = state.counters.get(kind) ?? first;
  state.counters.set(kind, id + 1);
  return id;
}

/** A stable global id, for example `PR_kwDO000001001`. */
export function nodeId(prefix: string, id: number): string {
  return `${prefix}_kwDO${String(id).padStart(9, '0')}`;
}

/** Now, in whole seconds as GitHub writes it: 2026-11-03T10:00:00Z. */
export function now(): string {
  return `${new Date(Date.now() + aheadMs).toISOString().slice(0, 19)}Z`;
}

let aheadMs = 0;

/** The clock goes on by a second: what happens now is later than what has happened, although times are whole seconds. */
export function passSecond(): void {
  aheadMs += 1_000;
}

export function findRepository(state: StandinState, fullName: string): Repository | undefined {
  return state.repositories.get(fullName.toLowerCase());
}
