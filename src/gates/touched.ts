/** The gates `touched` and `untouched`: whether changed files match a pattern. Pure. */
import picomatch from 'picomatch';

/** The files that the pattern matches: without `/` by base name, with `/` by the whole path; `**` crosses folders, `src/` is all below. */
export function matchingFiles(pattern: string, files: readonly string[]): readonly string[] {
  const isBase = !pattern.includes('/');
  const glob = pattern.replace(/^\.?\//, '').replace(/\/$/, '/**');
  const matches = picomatch(glob, { dot: true, nonegate: true });
  return files.filter((file) => matches(isBase ? file.slice(file.lastIndexOf('/') + 1) : file));
}
