/** The gates `touched` and `untouched`: whether changed files match a pattern. Pure. */
import picomatch from 'picomatch';
import { alternatives } from './braces.ts';

/**
 * The files that the pattern matches: without `/` by base name, with `/` by the whole path; `**` crosses folders, `src/` is
 * all below. A leading `!` means the files that the rest does not match.
 */
export function matchingFiles(pattern: string, files: readonly string[]): readonly string[] {
  const isOthers = pattern.startsWith('!');
  const positive = isOthers ? pattern.slice(1) : pattern;
  const matches = alternatives(positive).map(matcher);
  const judged = (file: string) => (positive.includes('/') ? file : file.slice(file.lastIndexOf('/') + 1));
  return files.filter((file) => matches.some((isMatch) => isMatch(judged(file))) !== isOthers);
}

function matcher(glob: string): (file: string) => boolean {
  const whole = glob.replace(/^\.?\//, '').replace(/\/$/, '/**');
  return picomatch(whole, { dot: true, nonegate: true });
}
