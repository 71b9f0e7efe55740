import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import { asText, evaluate, type Json, type Scope } from './expression.ts';
import type { GithubPackages } from './github-packages.ts';

export interface ConcurrencyRequest {
  /** Case does not matter; the repository is part of it. */
  readonly group: string;
  readonly cancelInProgress: boolean;
  /** `single`: a newer waiting one takes the place of an older; `max`: all wait in their order. */
  readonly queue: 'single' | 'max';
  /** Asked to give way: while waiting or while running. */
  readonly cancel: () => void;
}

export interface Slot {
  /** Resolves when it is this one's turn. Never resolves for one that was told to give way while waiting. */
  readonly turn: Promise<void>;
  /** Leaves the group, waiting or running; doing it twice is harmless. */
  release(): void;
}

interface Entry {
  readonly request: ConcurrencyRequest;
  readonly start: () => void;
}

/**
 * Concurrency groups as on GitHub: one runs, one waits, and a newer one replaces the one that waits.
 *
 * @source https://docs.github.com/actions/using-jobs/using-concurrency (2026-11)
 */
export function createConcurrency(): { enter(request: ConcurrencyRequest): Slot } {
  const groups = new Map<string, Entry[]>();
  return {
    enter(request) {
      const key = request.group.toLowerCase();
      const entries = groups.get(key) ?? [];
      groups.set(key, entries);
      const { promise: turn, resolve: start } = Promise.withResolvers<void>();
      const entry: Entry = { request, start };
      const [running, ...waiting] = entries;
      entries.push(entry);
      if (request.queue === 'single') for (const other of waiting) other.request.cancel();
      if (running === undefined) start();
      else if (request.cancelInProgress) running.request.cancel();
      const release = (): void => {
        const at = entries.indexOf(entry);
        if (at < 0) return;
        entries.splice(at, 1);
        if (at === 0) entries[0]?.start();
      };
      return { turn, release };
    },
  };
}

/**
 * A request from a `concurrency:` block; without one, a group that nobody shares.
 *
 * @source https://docs.github.com/actions/using-jobs/using-concurrency (2026-11)
 */
export function concurrencyOf(
  packages: GithubPackages,
  token: TemplateToken | undefined,
  scope: Scope,
  names: { readonly repository: string; readonly otherwise: string },
): Omit<ConcurrencyRequest, 'cancel'> {
  const value = evaluate(packages, token, scope);
  const block = value !== null && typeof value === 'object' && !Array.isArray(value) ? asRecord(value) : {};
  const group = asText(typeof value === 'string' ? value : block.group);
  return {
    group: `${names.repository} ${group === '' ? `(${names.otherwise})` : group}`,
    cancelInProgress: asText(block['cancel-in-progress']) === 'true',
    queue: block.queue === 'max' ? 'max' : 'single',
  };
}

function asRecord(value: Json): { readonly [key: string]: Json } {
  return value as { readonly [key: string]: Json };
}
