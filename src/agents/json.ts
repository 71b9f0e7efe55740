/** Reading JSON that a stranger wrote: whatever is not as it should be reads as nothing. */

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function objectIn(value: unknown, ...path: readonly string[]): JsonObject {
  let inner: unknown = value;
  for (const key of path) inner = isObject(inner) ? inner[key] : undefined;
  return isObject(inner) ? inner : {};
}

export function listIn(value: unknown, ...path: readonly string[]): readonly JsonObject[] {
  const last = path.at(-1);
  const list = last === undefined ? value : objectIn(value, ...path.slice(0, -1))[last];
  return Array.isArray(list) ? list.filter(isObject) : [];
}

export function textIn(value: JsonObject, key: string): string {
  const text = value[key];
  return typeof text === 'string' ? text : '';
}

/** A count that a stranger wrote: whole and not negative, else 0. */
export function countIn(value: JsonObject, key: string): number {
  const count = value[key];
  return Number.isSafeInteger(count) && (count as number) > 0 ? (count as number) : 0;
}

/** An amount of money; null where it is none. */
export function amountIn(value: JsonObject, key: string): number | null {
  const amount = value[key];
  return typeof amount === 'number' && Number.isFinite(amount) && amount >= 0 ? amount : null;
}
