/** Values as people read and write them. */
import type { Field } from './fields.ts';

/** As TOML writes it: `"npm test"`, `20`, `"1h30m"`, `["a", "b"]`. */
export function tomlOf({ type }: Field, value: unknown): string {
  if (type === 'duration') return JSON.stringify(durationText(Number(value)));
  if (Array.isArray(value)) return `[${value.map((item) => JSON.stringify(item)).join(', ')}]`;
  if (type === 'headers' || type === 'models') return inlineTable(value as Readonly<Record<string, string>>);
  return JSON.stringify(value);
}

function inlineTable(value: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(value).map(
    ([name, text]) => `${JSON.stringify(name)} = ${JSON.stringify(text)}`,
  );
  return pairs.length === 0 ? '{}' : `{ ${pairs.join(', ')} }`;
}

/** For a terminal or a script: text without its quotes. */
export function plainOf(field: Field, value: unknown): string {
  if (field.type === 'duration') return durationText(Number(value));
  return typeof value === 'string' ? value : tomlOf(field, value);
}

/** `1h30m`, as `parseDuration` reads it; durations are whole seconds. */
function durationText(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const parts = [
    [Math.floor(seconds / 3600), 'h'],
    [Math.floor((seconds % 3600) / 60), 'm'],
    [seconds % 60, 's'],
  ] as const;
  return parts.map(([count, unit]) => (count === 0 ? '' : `${count}${unit}`)).join('') || '0s';
}
