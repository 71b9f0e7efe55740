/** Looking up a name that somebody else chose: `constructor` and `__proto__` are names of steps and tasks like any other. */

/** The record's own value of that name; undefined where it has none, whatever every object inherits. */
export function own<T>(record: Readonly<Record<string, T>> | null | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}
