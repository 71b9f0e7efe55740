/** What an agent that asks may do (ACP `session/request_permission`): our rules decide, so a forbidden write is prevented. Pure. */
import { isAbsolute, relative, resolve, sep } from 'node:path';
import type { WorktreeAccess } from '../workflow/workflow.ts';
import { isObject, type JsonObject, listIn, objectIn, textIn } from './cli.ts';

export interface Rules {
  /** The worktree, absolute, without links. */
  readonly cwd: string;
  readonly access: WorktreeAccess;
  /** Whether a path of the worktree, relative to it, lies within the task's files. */
  readonly mayWrite: (path: string) => boolean;
  /** True where a sandbox of ours holds the tree, so that commands cannot write where they must not. */
  readonly isIsolated: boolean;
}

export interface Judgement {
  readonly isAllowed: boolean;
  /** Paths that it wanted to write, relative to the worktree where they lie within. */
  readonly writes: readonly string[];
}

const harmless = new Set(['read', 'search', 'think', 'fetch', 'switch_mode']);
const writing = new Set(['edit', 'delete', 'move']);

export function judge(toolCall: JsonObject, rules: Rules): Judgement {
  const kind = textIn(toolCall, 'kind');
  if (harmless.has(kind)) return { isAllowed: true, writes: [] };
  const paths = pathsOf(toolCall, kind).map((path) => within(rules.cwd, path));
  if (kind === 'execute') return { isAllowed: rules.access === 'read-write' || rules.isIsolated, writes: [] };
  // A tool that does not say what it is counts as one that writes; without a path nothing is known of where.
  if (!writing.has(kind) && paths.length === 0)
    return { isAllowed: rules.access === 'read-write', writes: [] };
  return { isAllowed: paths.length > 0 && paths.every((path) => mayWrite(path, rules)), writes: paths };
}

function mayWrite(path: string, { access, mayWrite: isOfTask }: Rules): boolean {
  return access === 'read-write' && !isAbsolute(path) && isOfTask(path);
}

/** Relative to the worktree; absolute where it lies outside. */
function within(cwd: string, path: string): string {
  const absolute = resolve(cwd, path);
  const inside = relative(cwd, absolute);
  return inside === '' || inside === '..' || inside.startsWith(`..${sep}`) ? absolute : inside;
}

/** Where agents say which file they mean: in a diff, among the locations, in the tool's own input, in a patch. */
export function pathsOf(toolCall: JsonObject, kind: string): readonly string[] {
  const diffs = listIn(toolCall, 'content')
    .filter((part) => part.type === 'diff')
    .map((part) => textIn(part, 'path'));
  const places = writing.has(kind) ? listIn(toolCall, 'locations').map((place) => textIn(place, 'path')) : [];
  const input = objectIn(toolCall, 'rawInput');
  const named = ['file_path', 'filePath', 'path', 'new_path', 'destination'].map((key) => textIn(input, key));
  const patched = Object.values(input).flatMap((value) =>
    typeof value === 'string' ? patchPaths(value) : [],
  );
  return [...new Set([...diffs, ...places, ...named, ...patched])].filter((path) => path !== '');
}

/** @source the patch form of OpenAI's `apply_patch`, as recorded (2026-11) */
function patchPaths(text: string): readonly string[] {
  if (!text.includes('*** Begin Patch')) return [];
  return [...text.matchAll(/^\*\*\* (?:Add File|Update File|Delete File|Move to): (.+)$/gm)].map(
    ([, path = '']) => path.trim(),
  );
}

/** The answer by its kind, never by its id: those differ from agent to agent. Null: there is nothing to choose. */
export function optionFor(options: unknown, isAllowed: boolean): string | null {
  const list = Array.isArray(options) ? options.filter(isObject) : [];
  const word = isAllowed ? 'allow' : 'reject';
  const once = list.find(({ kind }) => kind === `${word}_once`);
  const chosen = once ?? list.find(({ kind }) => typeof kind === 'string' && kind.startsWith(word));
  return chosen ? textIn(chosen, 'optionId') || null : null;
}
