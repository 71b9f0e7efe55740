/** Places in a workflow's file, for problems that are found after it was read. */
import type { Diagnostic, Position } from '../diagnostic.ts';
import { type Placeholder, placeholders } from '../template/template.ts';
import { spotsIn } from './lines.ts';
import { printable } from './problems.ts';
import type { Written } from './templates.ts';
import type { Workflow } from './workflow.ts';

/** The source line of a place, to be spread into a diagnostic; empty where the place is in another file. */
export function sourceLineOf(workflow: Workflow, at: Position): Pick<Diagnostic, 'sourceLine'> {
  const line = at.file === workflow.file ? linesOf(workflow)[at.line - 1] : undefined;
  return line === undefined ? {} : { sourceLine: printable(line.slice(0, 400)) };
}

/** Thousands of problems may be told of one file: it is not split for each of them. */
const knownLines = new WeakMap<Workflow, readonly string[]>();

function linesOf(workflow: Workflow): readonly string[] {
  const lines = knownLines.get(workflow) ?? withoutMark(workflow.text ?? '').split(/\r?\n/);
  knownLines.set(workflow, lines);
  return lines;
}

function withoutMark(text: string): string {
  return text.replace(/^\uFEFF/, '');
}

/**
 * Where the placeholders of a template stand. The template's text is found again in the file, because YAML's indentation,
 * quotes and escapes lie between the two; one that cannot be found is told at the beginning of the value.
 */
export function placesOf(workflow: Workflow, written: Template): (wanted: Placeholder) => Position {
  let places: ReadonlyMap<number, Position> | null = null;
  return ({ at }) => {
    places ??= placesByOffset(workflow, written);
    return places.get(at) ?? written.at;
  };
}

type Template = Pick<Written, 'template' | 'at'>;

/** From the offset in the template to the place in the file: the n-th of a name is the n-th of it there. */
function placesByOffset(workflow: Workflow, { template, at }: Template): ReadonlyMap<number, Position> {
  const isOwn = at.file === workflow.file;
  const text = isOwn ? withoutMark(workflow.text ?? '') : template;
  const start = isOwn ? offsetOf(text, at) : 0;
  const source = text.slice(start, start + rawLengthMax(template));
  const spotOf = spotsIn(source);
  const there = byName(placeholders(source));
  const places = new Map<number, Position>();
  for (const [name, all] of byName(placeholders(template))) {
    for (const [index, placeholder] of all.entries()) {
      const found = there.get(name)?.[index];
      if (!found) continue;
      const { line, column } = spotOf(found.at);
      const first = line === 0 ? at.column : 1;
      places.set(placeholder.at, { file: at.file, line: at.line + line, column: first + column });
    }
  }
  return places;
}

function byName(all: readonly Placeholder[]): ReadonlyMap<string, readonly Placeholder[]> {
  return Map.groupBy(all, ({ name }) => name);
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
