/** Paths that somebody else wrote: whether one can only mean something inside of the folder that it is relative to. */
import { limits } from '../limits.ts';

/**
 * Why a path that a workflow calls or reads is refused, or null where it is fine: relative, `/` between segments, and no
 * way out of its folder. Links are for whoever opens it to resolve.
 */
export function containedName(path: string): string | null {
  const why = whyOutside(path);
  if (why !== null) return why;
  if (/[{}]/.test(path)) return 'it contains a brace; templates are not allowed here';
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') return 'it has an empty or a `.` segment';
    if (segment.startsWith('-')) return 'a segment begins with `-`';
  }
  return null;
}

/**
 * Why a path or glob may lead out of its folder or is none for every system, or null. Judged as the systems that are
 * least exact read it: those that drop blanks and dots at a name's end, ignore case, or make one of several ways to
 * write a character.
 * @source learn.microsoft.com/windows/win32/fileio/naming-a-file (2026-11), and git's own protection of `.git` on HFS and NTFS
 */
export function whyOutside(path: string): string | null {
  if (path.trim() === '') return 'it is empty';
  if (path.length > limits.pathCharactersMax)
    return `it is longer than ${limits.pathCharactersMax} characters`;
  if (/[\p{Cc}\u2028\u2029]/u.test(path)) return 'it contains a control character';
  if (/[\p{Default_Ignorable_Code_Point}\p{Bidi_Control}]/u.test(path))
    return 'it contains an invisible character';
  if (!path.isWellFormed()) return 'it contains half of a character';
  const read = path.normalize('NFKC').replace(/[\u2044\u2215\u29f8\u29f9]/g, '/');
  const why = whyOutsideAsRead(read);
  return why === null || read === path ? why : `${why}, as some systems read it`;
}

function whyOutsideAsRead(path: string): string | null {
  if (path.startsWith('/') || /^[A-Za-z]:/.test(path) || path.startsWith('~'))
    return 'it is absolute, not relative';
  if (path.includes('\\')) return 'it contains a backslash; write `/`';
  if (path.startsWith('-')) return 'it begins with `-`';
  for (const segment of path.split('/')) {
    if (segment.replace(/ /g, '') === '..') return 'it leaves its folder (`..`)';
    if (segment !== '.' && /^ |[. ]$/.test(segment))
      return 'a segment begins with a blank, or ends with a blank or a dot';
    if (/^\.git$|^git~\d$/i.test(segment)) return "it is inside git's own folder";
  }
  return null;
}
