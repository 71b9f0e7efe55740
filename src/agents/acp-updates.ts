/** What an ACP agent tells while it works (`session/update`), and what its last answer means. Pure. */
import { pathsOf } from './acp-permission.ts';
import {
  type CliTokens,
  countIn,
  type Happening,
  type JsonObject,
  noCliTokens,
  objectIn,
  type Told,
  textIn,
  toldNothing,
} from './cli.ts';

export interface Updates {
  /** One update, in the order of arrival. */
  read(update: JsonObject): readonly Happening[];
  /** Something came between: what is said next is a text of its own. */
  interrupt(): void;
  /** What came of the prompt. */
  end(result: JsonObject): void;
  told(): Told;
}

export function readUpdates(): Updates {
  let told: Told = { ...toldNothing, turns: null };
  let isSpeaking = false;
  const calls = new Map<string, JsonObject>();

  function said(update: JsonObject): Happening[] {
    const piece = textIn(objectIn(update, 'content'), 'text');
    told = { ...told, text: isSpeaking ? told.text + piece : piece };
    isSpeaking = true;
    return piece === '' ? [] : [{ type: 'text', text: piece }];
  }

  /** Some agents announce a call only when they ask for permission, and tell of it by updates alone. */
  function called(update: JsonObject): Happening[] {
    const id = textIn(update, 'toolCallId');
    const known = calls.get(id);
    const call = { ...known, ...update };
    calls.set(id, call);
    const started: Happening[] =
      known === undefined
        ? [{ type: 'tool', name: textIn(call, 'kind') || 'tool', detail: textIn(call, 'title') }]
        : [];
    const isWrite = ['edit', 'delete', 'move'].includes(textIn(call, 'kind'));
    if (!isWrite || update.status !== 'completed') return started;
    const paths = pathsOf(call, textIn(call, 'kind'));
    return [...started, ...paths.map((path): Happening => ({ type: 'write', path, denied: false }))];
  }

  return {
    told: () => told,
    interrupt() {
      isSpeaking = false;
    },
    read(update) {
      const kind = update.sessionUpdate;
      if (kind === 'agent_message_chunk') return said(update);
      isSpeaking = false;
      return kind === 'tool_call' || kind === 'tool_call_update' ? called(update) : [];
    },
    end(result) {
      const reason = textIn(result, 'stopReason');
      const ok = reason === 'end_turn';
      const error = `it stopped: ${reason || 'it gave no reason'}`;
      told = { ...told, tokens: tokensOf(result), report: ok ? { ok } : { ok, error } };
    },
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
