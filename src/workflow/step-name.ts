/** What may be a name of a step, gate, task or input: names become paths, branches, variable names and arguments. */
import { limits } from '../limits.ts';

/** None may look like an option. */
export const namePattern = /^(?!-)[A-Za-z0-9_-]+$/;

/** In words, for messages and the reference. */
export const nameRule = `letters, digits, \`_\` and \`-\` (not first), at most ${limits.nameCharactersMax} characters`;

export function isStepName(text: string): boolean {
  return namePattern.test(text) && text.length <= limits.nameCharactersMax;
}
