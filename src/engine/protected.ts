/**
 * Paths that say what runs on GitHub and who judges it: no attempt changes them before a person has said yes. Their list is
 * a setting of the run; a name in it stands for itself, for what lies below it, and for what takes the place of a folder
 * above it (a link, a file). Names that some file system takes for the same are the same.
 */
import type { RunSettings } from '../events/event.ts';
import type { StepState } from './state.ts';

export const protectedOnGithub: readonly string[] = [
  '.github/workflows',
  '.github/actions',
  '.gump',
  'gump.toml',
  'CODEOWNERS',
  '.github/CODEOWNERS',
  'docs/CODEOWNERS',
];

/** Says of a path whether the step's attempt may not change it; null where nothing is protected. */
export function refusalOf(
  { protected: names = [] }: RunSettings,
  step: StepState | null,
): ((path: string) => boolean) | null {
  if (names.length === 0) return null;
  const kept = names.map(folded);
  const allowed = new Set(step?.allowed ?? []);
  return (path) => !allowed.has(path) && kept.some((name) => touches(folded(path), name));
}

/** For a sentence: printable, and not too many. */
export function shownPaths(paths: readonly string[]): string {
  const plain = paths.slice(0, 10).map((path) => path.replace(/[^\x20-\x7e]/g, '?').slice(0, 120));
  const more = paths.length - plain.length;
  return `${plain.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}

function touches(path: string, name: string): boolean {
  return path === name || path.startsWith(`${name}/`) || name.startsWith(`${path}/`);
}

/** @source git's `core.protectHFS` and `core.protectNTFS`: ignored characters, dots and spaces at the end, streams (2026-11) */
function folded(path: string): string {
  const plain = path.normalize('NFKC').replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, '');
  const parts = plain.toLowerCase().split('/');
  return parts.map((part) => part.replace(/:.*$/, '').replace(/[. ]+$/, '')).join('/');
}
