/** Names that come from outside: which of them are harmless, and how the others are shown. Pure. */
import { nearest } from '../../diagnostic.ts';
import { limits } from '../../limits.ts';

/** True for a name that may stand in a path, a branch and a label: `implement-spec`, `team/review`. */
export function isWorkflowName(name: string): boolean {
  return name.length <= 128 && /^[A-Za-z0-9][\w-]{0,63}(?:\/[A-Za-z0-9][\w-]{0,63}){0,3}$/.test(name);
}

/** Branch names that git accepts everywhere and that can never be read as an option or as two words. */
export function isBranchName(name: string): boolean {
  return (
    name.length <= 200 &&
    /^[A-Za-z0-9_][\w./-]*$/.test(name) &&
    !/\.\.|\/\/|\/\.|[./]$|\.lock(\/|$)/.test(name)
  );
}

/** True for a step as the trace shows it, with `@attempt` behind it or not: `build/task-1/converge@2`. */
export function isStepName(name: string): boolean {
  return (
    name.length <= limits.pathCharactersMax &&
    /^[A-Za-z0-9_][\w.-]*(?:\/[A-Za-z0-9_][\w.-]*)*(?:@\d{1,4})?$/.test(name) &&
    !name.includes('..')
  );
}

/** An amount as people write it, `20`, `20.5` or `$20.00`, in US dollars; null where it is none, or not above 0. */
export function dollarsOf(text: string): number | null {
  const digits = /^\$?(\d{1,6}(?:\.\d{1,2})?)$/.exec(text)?.[1];
  return digits !== undefined && Number(digits) > 0 ? Number(digits) : null;
}

/** One sentence about a word that nothing here is called. */
export function unknown(what: 'command' | 'option', word: string, known: readonly string[]): string {
  const near = nearest(word.replace(/^-+/, ''), known);
  const list = known.map((name) => `\`${name}\``).join(', ');
  return `There is no ${what} ${shown(word)}${near ? `; did you mean \`${near}\`?` : `. There are: ${list}.`}`;
}

/** What somebody wrote, made harmless for a comment of ours: printable ASCII in a code span, cut. */
export function shown(word: string): string {
  const plain = word.replace(/[^\x21-\x7e]|`/g, '?');
  return `\`${plain.length > 40 ? `${plain.slice(0, 40)}…` : plain}\``;
}
