/** Places in a workflow's file, for problems that are found after it was read. */
import type { Diagnostic, Position } from '../diagnostic.ts';
import { type Placeholder, placeholders } from '../template/template.ts';
import { printable } from './problems.ts';
import type { Written } from './templates.ts';
import type { Workflow } from './workflow.ts';

/** The source line of a place, to be spread into a diagnostic; empty where the place is in another file. */
export function sourceLineOf(workflow: Workflow, at: Position): Pick<Diagnostic, 'sourceLine'> {
  const line = at.file === workflow.file ? workflow.text?.split(/\r?\n/)[at.line - 1] : undefined;
  return line === undefined ? {} : { sourceLine: printable(line.replace(/^\uFEFF/, '').slice(0, 400)) };
}

/**
 * Where a placeholder of a template stands. The template's text is found again in the file, because YAML's indentation,
 * quotes and escapes lie between the two; where it cannot be found, it is the beginning of the value.
 */
export function placeOf(
  workflow: Workflow,
  { template, at }: Pick<Written, 'template' | 'at'>,
  wanted: Placeholder,
): Position {
  const isOwn = at.file === workflow.file;
  const text = isOwn ? (workflow.text ?? '').replace(/^\uFEFF/, '') : template;
  const start = isOwn ? offsetOf(text, at) : 0;
  const nth = placeholders(template).filter((one) => one.name === wanted.name && one.at < wanted.at).length;
  const source = text.slice(start, start + rawLengthMax(template));
  const found = placeholders(source).filter((one) => one.name === wanted.name)[nth];
  if (!found) return at;
  const before = text.slice(0, start + found.at).split('\n');
  return { file: at.file, line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

function offsetOf(text: string, { line, column }: Position): number {
  let offset = 0;
  for (let count = 1; count < line; count++) {
    const next = text.indexOf('\n', offset);
    if (next < 0) return offset;
    offset = next + 1;
  }
  return offset + column - 1;
}

/** How long a template can be in the file: every line indented, every character escaped. */
function rawLengthMax(template: string): number {
  const lines = template.split('\n').length;
  return template.length * 2 + lines * 130 + 200;
}
