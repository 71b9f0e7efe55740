/** The gates `touched` and `untouched`: whether changed files match a pattern. Pure. */
import { createGlob } from '../workflow/glob.ts';

/**
 * The files that the pattern matches: without `/` by base name, with `/` by the whole path; `**` crosses folders, `src/` is
 * all below. A leading `!` means the files that the rest does not match.
 */
export function matchingFiles(pattern: string, files: readonly string[]): readonly string[] {
  const isOthers = pattern.startsWith('!');
  const positive = isOthers ? pattern.slice(1) : pattern;
  const matches = createGlob(positive.replace(/\/$/, '/**'));
  const judged = (file: string) => (positive.includes('/') ? file : file.slice(file.lastIndexOf('/') + 1));
  return files.filter((file) => matches(judged(file)) !== isOthers);
}

/** True for a pattern that no path can be measured by: what was put into its placeholders was empty. */
export function isNoPattern(pattern: string): boolean {
  return pattern
    .replace(/^!/, '')
    .split('/')
    .every((part) => part === '' || part === '.');
}
