/** Inputs of a workflow as lines `name=text`, one a line: the Action's `set`, which is `--set` on a runner. */
import { isStepName, nameRule } from '../workflow/step-name.ts';

export interface SetLines {
  readonly inputs: Readonly<Record<string, string>>;
  /** What is wrong, each with its line, from 1; empty where nothing is. */
  readonly problems: readonly { readonly line: number; readonly why: string }[];
}

/** Behind the first `=` all is text as it stands; lines of blanks say nothing. */
export function readSetLines(text: string): SetLines {
  const inputs = new Map<string, string>();
  const problems: { line: number; why: string }[] = [];
  for (const [index, written] of text.split(/\r\n|\n|\r/).entries()) {
    if (written.trim() === '') continue;
    const why = readLine(written.trimStart(), inputs);
    if (why !== null) problems.push({ line: index + 1, why });
  }
  return { inputs: Object.fromEntries(inputs), problems };
}

function readLine(line: string, inputs: Map<string, string>): string | null {
  const equals = line.indexOf('=');
  const name = equals < 0 ? '' : line.slice(0, equals).trimEnd();
  if (equals < 0) return 'it is no `name=text`';
  if (!isStepName(name)) return `it begins with no name: ${nameRule}`;
  if (inputs.has(name)) return `\`${name}\` is given twice`;
  inputs.set(name, line.slice(equals + 1));
  return null;
}
