/** What an agent that asks may do (ACP `session/request_permission`): our rules decide, so a forbidden write is prevented. Pure. */
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { WorktreeAccess } from '../workflow/workflow.ts';
import { changedPaths, namedPaths, writingKinds } from './acp-paths.ts';
import { isObject, type JsonObject, textIn } from './json.ts';

export interface Rules {
  /** The worktree, absolute, without links. */
  readonly cwd: string;
  readonly access: WorktreeAccess;
  /** Whether a path of the worktree, relative to it, lies within the task's files; null: all do. */
  readonly mayWrite: ((path: string) => boolean) | null;
  /** True where a sandbox of ours holds the tree, so that commands cannot write where they must not. */
  readonly isIsolated: boolean;
  /** From an absolute path, which may hold `..`, to where it leads when links are followed. */
  readonly realPath: (path: string) => string;
}

export interface Judgement {
  readonly isAllowed: boolean;
  /** Paths that it wanted to write, relative to the worktree where they lie within. */
  readonly writes: readonly string[];
}

const looking = ['read', 'search', 'think', 'fetch'];
/** What these name need not be what they write. */
const quiet = [...looking, 'execute', 'switch_mode'];

export function judge(toolCall: JsonObject, rules: Rules): Judgement {
  const kind = textIn(toolCall, 'kind');
  // A tool that does not say what it is counts as one that writes what it names; one that shows a diff writes, whatever it says.
  const paths = quiet.includes(kind) ? changedPaths(toolCall) : namedPaths(toolCall);
  const writes = paths.map((path) => within(rules.cwd, path));
  if (paths.length > 0) return { isAllowed: paths.every((path) => mayWrite(path, rules)), writes };
  // Of an edit that does not say of what, nothing is known.
  if (writingKinds.includes(kind)) return { isAllowed: false, writes };
  // A command, a tool that nobody knows, or another mode, in which it may not ask any more: the tree has to be held otherwise.
  return { isAllowed: looking.includes(kind) || rules.access === 'read-write' || rules.isIsolated, writes };
}

/** By its name, which is what a removal takes, and by where it leads, which is what a write changes. */
function mayWrite(path: string, { cwd, access, mayWrite: isOfTask, realPath }: Rules): boolean {
  if (access !== 'read-write') return false;
  const real = realPath(isAbsolute(path) ? path : `${cwd}/${path}`);
  return [within(cwd, path), within(cwd, real)].every(
    (place) => !isAbsolute(place) && (isOfTask === null || isOfTask(place)),
  );
}

/** Relative to the worktree; absolute where it lies outside. */
function within(cwd: string, path: string): string {
  const absolute = resolve(cwd, path);
  const inside = relative(cwd, absolute);
  return inside === '' || inside === '..' || inside.startsWith(`..${sep}`) ? absolute : inside;
}

/**
 * The answer by its kind, never by its id: those differ from agent to agent. Null: there is nothing to choose. What would
 * allow more than is asked for (`allow_always`) is chosen only where everything is allowed anyway.
 */
export function optionFor(
  options: unknown,
  { isAllowed, isBounded }: { readonly isAllowed: boolean; readonly isBounded: boolean },
): string | null {
  const list = Array.isArray(options) ? options.filter(isObject) : [];
  const kinds = isAllowed
    ? ['allow_once', ...(isBounded ? [] : ['allow_always'])]
    : ['reject_once', 'reject_always'];
  const chosen = kinds
    .map((kind) => list.find((option) => option.kind === kind))
    .find((option) => option !== undefined);
  return chosen ? textIn(chosen, 'optionId') || null : null;
}
