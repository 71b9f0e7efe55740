/** Remembers what came last, by name: a stream that never ends must not fill the memory (R7). */
import { limits } from '../limits.ts';

export interface Recent<T> {
  get(name: string): T | undefined;
  set(name: string, value: T): void;
  delete(name: string): void;
  size(): number;
}

/** Holds `limits.streamNamesMax` names; a new one takes the place of the oldest. Longer names than an agent gives are none. */
export function createRecent<T>(): Recent<T> {
  const values = new Map<string, T>();
  return {
    get: (name) => values.get(name),
    size: () => values.size,
    delete: (name) => void values.delete(name),
    set(name, value) {
      if (name.length > limits.streamNameCharactersMax) return;
      values.set(name, value);
      if (values.size <= limits.streamNamesMax) return;
      for (const oldest of values.keys()) return void values.delete(oldest);
    },
  };
}
