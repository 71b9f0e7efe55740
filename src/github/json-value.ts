/** Looks into a document that anybody may have written: whatever is not there, or of another kind, reads as empty. */

export type Json = Readonly<Record<string, unknown>>;

export function record(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

export function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.map(record) : [];
}

export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** NaN where there is none. */
export function number(value: unknown): number {
  return typeof value === 'number' ? value : Number.NaN;
}

/** Null where there is none. */
export function column(value: unknown): number | null {
  return typeof value === 'number' && value >= 1 ? value : null;
}
