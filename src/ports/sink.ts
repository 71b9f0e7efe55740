/** The port of everything that shows a run. A sink can neither hurt a run nor change it (R6). */
import type { Event } from '../events/event.ts';
import type { Plan } from '../plan/plan.ts';

export interface Sink {
  readonly name: string;
  /** Called once, before any event; `past` are the events of a run that is continued. */
  open(plan: Plan, past: readonly Event[]): Promise<void> | void;
  /** Called in order, after the event is durable; must return at once (queue what takes time). */
  event(event: Event): void;
  /** Delivers what is left, within a limit of its own. */
  close(): Promise<void>;
}
