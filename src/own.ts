/** Records by names that somebody else chose: `constructor` and `__proto__` are names of steps and tasks like any other. */

/** The record's own value of that name; undefined where it has none, whatever every object inherits. */
export function own<T>(record: Readonly<Record<string, T>> | null | undefined, name: string): T | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined;
}

/** The record with every value changed, under the same names. */
export function mapValues<T>(
  record: Readonly<Record<string, T>>,
  change: (value: T) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).map(([name, value]) => [name, change(value)]));
}
