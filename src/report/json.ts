import type { Summary } from './summary.ts';

/** The summary as indented JSON with a line ending, for other programs; field names are those of `Summary`. */
export function renderJson(summary: Summary): string {
  return `${JSON.stringify(summary, null, 2)}\n`;
}
