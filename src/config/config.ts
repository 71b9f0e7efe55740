/** What configuration says: one source of it, or all of them together. Plain data. */
import type { Position } from '../diagnostic.ts';
import { isNamed, type KeyOf, namedTables, type Section, type TypeOf } from './fields.ts';
import type { Values } from './values.ts';

/** The values of a section by the keys of the table; absent where nobody said it. Durations in milliseconds, money in USD. */
export type Said<S extends Section> = { readonly [K in KeyOf<S>]?: Values[TypeOf<S, K>] };

export type AgentConfig = Said<'agent'>;
export type UpstreamConfig = Said<'gateway'>;

export interface Config {
  readonly root: Said<'root'>;
  readonly validation: Said<'validation'>;
  readonly budget: Said<'budget'>;
  readonly error_context: Said<'error_context'>;
  readonly sandbox: Said<'sandbox'>;
  readonly breaker: Said<'breaker'>;
  readonly github: Said<'github'>;
  /** By the agents' names; any name, so that it is to be looked up with `Object.hasOwn`. */
  readonly agents: Readonly<Record<string, AgentConfig>>;
  /** By the upstreams' names, likewise; only what a trusted source says (`hosting/config-layers.ts`). */
  readonly gateway: Readonly<Record<string, UpstreamConfig>>;
}

export const emptyConfig: Config = {
  root: {},
  validation: {},
  budget: {},
  error_context: {},
  sandbox: {},
  breaker: {},
  github: {},
  agents: {},
  gateway: {},
};

/** One source: where it is, as people know it, what it says, and where in it each key stands (`budget.max_budget`). */
export interface Layer {
  readonly source: string;
  readonly config: Config;
  readonly places: ReadonlyMap<string, Position>;
  /** Its lines, for messages; empty where it is no file. */
  readonly lines: readonly string[];
}

/** How a key is called on the command line and in messages: `budget.max_budget`, `agents.mine.command`. */
export function keyPath(section: Section, key: string, of?: string): string {
  if (section === 'root') return key;
  return isNamed(section) ? `${namedTables[section]}.${of}.${key}` : `${section}.${key}`;
}
