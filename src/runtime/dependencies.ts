/** What a run is given: the adapters behind their ports. */
import type { RunState } from '../engine/state.ts';
import type { Plan } from '../plan/plan.ts';
import type { AgentRegistry } from '../ports/agent.ts';
import type { GateRunner } from '../ports/gate.ts';
import type { Gateway } from '../ports/gateway.ts';
import type { Ledger } from '../ports/ledger.ts';
import type { Sink } from '../ports/sink.ts';
import type { System } from '../ports/system.ts';
import type { Workspace } from '../ports/workspace.ts';
import type { Recorder } from './recorder.ts';

export interface Dependencies {
  readonly ledger: Ledger;
  readonly workspace: Workspace;
  readonly agents: AgentRegistry;
  readonly gates: GateRunner;
  /** Absent: agents use their own logins, or call no models. */
  readonly gateway?: Gateway;
  readonly sinks: readonly Sink[];
  readonly system: System;
  readonly shell: Shell;
  /** A folder for what lives as long as one attempt; outside every tree. */
  readonly scratch: string;
  /** Removes a folder with all that an agent left in it, also what it made unremovable. */
  readonly clear: (path: string) => Promise<void>;
}

/** Runs a context command in a tree; never rejects for what the command does. */
export type Shell = (
  command: string,
  options: { readonly cwd: string; readonly signal: AbortSignal },
) => Promise<{ readonly ok: boolean; readonly stdout: string; readonly reason: string }>;

/** What a performer works with. */
export interface Stage extends Dependencies {
  readonly plan: Plan;
  readonly recorder: Recorder;
  state(): RunState;
  /** A notice that would be the same at every attempt of a step: told at the first, and by each engine anew. */
  noticeOnce(step: string, message: string): Promise<void>;
  /** Starts bringing the commit and the ledger to safety; a failure shows at the next barrier. */
  secure(commit: string | null): void;
  /** R4: settles once everything so far is safe. @throws GumpError when it cannot be made safe. */
  barrier(): Promise<void>;
  /** True when the effect was aborted because the run is being stopped, not because it is no longer wanted. */
  stopping(): boolean;
}
