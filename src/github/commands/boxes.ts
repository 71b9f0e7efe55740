/** Boxes in our own comments: a tick is the command that the box names. Pure. */
import { type Verb, verbs } from './grammar.ts';

/** A line of a task list, not ticked; the words are ours. */
export function boxLine(verb: Verb, words: string): string {
  return `- [ ] ${words} <!-- gump:box ${verb} -->`;
}

const boxPattern = /^- \[([ xX])\] (.*<!-- gump:box ([a-z]+) -->)$/;

/**
 * The verb of the box that somebody has ticked; null where the edit is anything else: another word was changed too, more
 * than one box was, or one was cleared.
 */
export function tickedVerb(before: string, after: string): Verb | null {
  const [old, now] = [linesOf(before), linesOf(after)];
  const changed = now.flatMap((line, at) => (line === old[at] ? [] : [{ line, was: old[at] ?? '' }]));
  const [one, ...others] = changed;
  if (!one || others.length > 0 || old.length !== now.length) return null;
  const [, wasMark, wasRest] = boxPattern.exec(one.was) ?? [];
  const [, mark, rest, name] = boxPattern.exec(one.line) ?? [];
  if (wasMark !== ' ' || mark === ' ' || mark === undefined || rest !== wasRest) return null;
  return verbs.find((verb) => verb === name) ?? null;
}

/** True where the box of the verb is ticked. */
export function isTicked(body: string, verb: Verb): boolean {
  return linesOf(body).some((line) => {
    const [, mark = ' ', , name] = boxPattern.exec(line) ?? [];
    return mark !== ' ' && name === verb;
  });
}

/** The body with no box ticked. */
export function cleared(body: string): string {
  return linesOf(body)
    .map((line) => line.replace(boxPattern, '- [ ] $2'))
    .join('\n');
}

function linesOf(body: string): readonly string[] {
  return body.replaceAll('\r\n', '\n').split('\n');
}
