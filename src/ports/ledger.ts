/** The port of the one store (R1): append-only, durable before `append` settles. */
import type { Event } from '../events/event.ts';

export interface Ledger {
  /** Everything that survived, in order; a torn last line is dropped. Empty for a new run. */
  read(): Promise<readonly Event[]>;
  /** Durable on return, all of them or none. @throws GumpError `ledger`. */
  append(events: readonly Event[]): Promise<void>;
  /**
   * An event is going to name the commit: wherever the event goes from now on, the commit goes along, on a branch or not.
   * What an attempt made beside the run's line would be lost with its machine otherwise, and the attempt never runs again.
   */
  hold(commit: string): void;
  /** Settles when everything appended and held so far, and the branch's commit, are where a lost machine cannot take them. */
  settle(commit: string | null): Promise<void>;
  /** Keeps a file in `artifacts/` (name: letters, digits, `.`, `_`, `-`). */
  keep(name: string, text: string): Promise<void>;
}
