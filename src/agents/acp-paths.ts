/** Which files a tool call of an ACP agent is about: agents say it in diffs, locations, their tools' input and patches. Pure. */
import { limits } from '../limits.ts';
import { isObject, type JsonObject, listIn, objectIn, textIn } from './json.ts';

/** Kinds of tools that change files. @source agentclientprotocol.com, `ToolKind` (2026-11) */
export const writingKinds: readonly string[] = ['edit', 'delete', 'move'];

/** What is written according to the call itself, whatever kind it says it is: its diffs and patches. */
export function changedPaths(toolCall: JsonObject): readonly string[] {
  const diffs = listIn(toolCall, 'content')
    .filter((part) => part.type === 'diff')
    .map((part) => textIn(part, 'path'));
  const patched = textsIn(toolCall.rawInput).flatMap(({ text }) => patchPaths(text));
  return unique([...diffs, ...patched]);
}

/** Those, and whatever else it names: its locations, and each path in its tool's input. */
export function namedPaths(toolCall: JsonObject): readonly string[] {
  const places = listIn(toolCall, 'locations').map((place) => textIn(place, 'path'));
  const named = textsIn(toolCall.rawInput).flatMap(({ key, text }) => (saysPath(key) ? [text] : []));
  const changes = Object.keys(objectIn(toolCall, 'rawInput', 'changes'));
  return unique([...changedPaths(toolCall), ...places, ...named, ...changes]);
}

function unique(paths: readonly string[]): readonly string[] {
  return [...new Set(paths)].filter((path) => path !== '');
}

/** `file_path`, `filePath`, `fileName`, `path`, `new_path`, `destination`. */
function saysPath(key: string): boolean {
  const words = key.replace(/([a-z])([A-Z])/g, '$1_$2').toLowerCase();
  return /(^|_)(path|file|file_?name|file_?path|destination)$/.test(words);
}

interface Text {
  /** Of the object that it stands in. */
  readonly key: string;
  readonly text: string;
}

function textsIn(value: unknown, key = '', depth = 0): readonly Text[] {
  if (typeof value === 'string') return [{ key, text: value }];
  if (depth === limits.toolInputDepthMax) return [];
  if (Array.isArray(value)) return value.flatMap((item) => textsIn(item, key, depth + 1));
  if (!isObject(value)) return [];
  return Object.entries(value).flatMap(([name, item]) => textsIn(item, name, depth + 1));
}

/** @source the patch form of OpenAI's `apply_patch`, as recorded (2026-11) */
function patchPaths(text: string): readonly string[] {
  if (!text.includes('*** Begin Patch')) return [];
  return [...text.matchAll(/^\*\*\* (?:Add File|Update File|Delete File|Move to): (.+)$/gm)].map(
    ([, path = '']) => path.trim(),
  );
}
