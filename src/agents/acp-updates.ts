/** What an ACP agent tells while it works (`session/update`), and what its last answer means. Pure. */
import { limits } from '../limits.ts';
import { errorIn } from './acp-error-text.ts';
import { changedPaths, namedPaths, writingKinds } from './acp-paths.ts';
import { type Happening, joined, type Told, toldNothing } from './cli.ts';
import { countIn, type JsonObject, objectIn, textIn } from './json.ts';
import { createRecent } from './recent.ts';
import { type CliTokens, noCliTokens } from './tokens.ts';

export interface Updates {
  /** One update, in the order of arrival. */
  read(update: JsonObject): readonly Happening[];
  /** It asks for permission, perhaps only for a part of what it has told of the call: the whole of it. */
  ask(toolCall: JsonObject): JsonObject;
  /** What came of the prompt. */
  end(result: JsonObject): void;
  told(): Told;
}

export function readUpdates(): Updates {
  let told: Told = { ...toldNothing, turns: null };
  let isSpeaking = false;
  const calls = createRecent<JsonObject>();
  const asked = createRecent<JsonObject>();
  let hasCalled = false;

  function said(update: JsonObject): Happening[] {
    const piece = textIn(objectIn(update, 'content'), 'text');
    // Qwen sends an empty one behind each call, for what it has used.
    if (piece === '') return [];
    told = { ...told, text: isSpeaking ? joined(told.text, piece) : piece };
    isSpeaking = true;
    return [{ type: 'text', text: piece }];
  }

  /** Some agents announce a call only when they ask for permission, and tell of it by updates alone. */
  function called(update: JsonObject): Happening[] {
    const id = textIn(update, 'toolCallId');
    const known = calls.get(id);
    const call = { ...known, ...asked.get(id), ...update };
    asked.delete(id);
    calls.set(id, essence(call));
    hasCalled = true;
    const started: Happening[] =
      known === undefined
        ? [{ type: 'tool', name: textIn(call, 'kind') || 'tool', detail: textIn(call, 'title') }]
        : [];
    if (update.status !== 'completed') return started;
    const isWrite = writingKinds.includes(textIn(call, 'kind'));
    // Some say of their edits only that they are something else, and what they changed.
    const paths = isWrite ? namedPaths(call) : changedPaths(call);
    return [...started, ...paths.map((path): Happening => ({ type: 'write', path, denied: false }))];
  }

  return {
    told: () => told,
    ask(toolCall) {
      isSpeaking = false;
      const id = textIn(toolCall, 'toolCallId');
      const known = calls.get(id) ?? {};
      // What was announced as an edit is one, whatever it is called now.
      const kind = writingKinds.includes(textIn(known, 'kind')) ? { kind: known.kind } : {};
      const call = { ...known, ...toolCall, ...kind };
      asked.set(id, essence(call));
      return call;
    },
    read(update) {
      const kind = update.sessionUpdate;
      if (kind === 'agent_message_chunk') return said(update);
      isSpeaking = false;
      return kind === 'tool_call' || kind === 'tool_call_update' ? called(update) : [];
    },
    end(result) {
      told = { ...told, tokens: tokensOf(result), report: reportOf(result) };
    },
  };

  /** An agent that neither said nor did anything had no answer of its model: some tell errors by nothing else. */
  function reportOf(result: JsonObject): Told['report'] {
    const reason = textIn(result, 'stopReason');
    if (reason !== 'end_turn') return { ok: false, error: `it stopped: ${reason || 'it gave no reason'}` };
    const isEmpty = told.text.trim() === '' && !hasCalled;
    const error = isEmpty ? 'its turn ended without a word' : errorIn(told.text);
    return error === null ? { ok: true } : { ok: false, error };
  }
}

/** Of a call, what is asked of it later: a whole one may hold the texts of files. */
function essence(call: JsonObject): JsonObject {
  const kept = (paths: readonly string[]) =>
    paths.filter((path) => path.length <= limits.systemPathBytesMax).slice(0, limits.toolPathsMax);
  return {
    kind: textIn(call, 'kind'),
    title: textIn(call, 'title').slice(0, limits.titleCharactersMax),
    content: kept(changedPaths(call)).map((path) => ({ type: 'diff', path })),
    locations: kept(namedPaths(call)).map((path) => ({ path })),
  };
}

/** Whatever each agent means by `inputTokens`, its total less its output is the whole prompt. */
function tokensOf(result: JsonObject): CliTokens {
  const usage = objectIn(result, 'usage');
  const total = countIn(usage, 'totalTokens');
  const output = countIn(usage, 'outputTokens');
  if (total > 0) {
    const cacheRead = countIn(usage, 'cachedReadTokens');
    return { input: Math.max(0, total - output), cacheRead, cacheWrite: 0, output };
  }
  const quota = objectIn(result, '_meta', 'quota', 'token_count');
  return { ...noCliTokens, input: countIn(quota, 'input_tokens'), output: countIn(quota, 'output_tokens') };
}
