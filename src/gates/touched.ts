/** The gates `touched` and `untouched`: whether changed files match a pattern. Pure. */
import picomatch from 'picomatch';

/**
 * The files that the pattern matches: without `/` by base name, with `/` by the whole path; `**` crosses folders, `src/` is
 * all below. A leading `!` means the files that the rest does not match.
 */
export function matchingFiles(pattern: string, files: readonly string[]): readonly string[] {
  const isOthers = pattern.startsWith('!');
  const positive = isOthers ? pattern.slice(1) : pattern;
  const isBase = !positive.includes('/');
  const glob = positive.replace(/^\.?\//, '').replace(/\/$/, '/**');
  const matches = picomatch(glob, { dot: true, nonegate: true });
  return files.filter((file) => matches(isBase ? file.slice(file.lastIndexOf('/') + 1) : file) !== isOthers);
}
