/** The stream of Claude Code, which Qwen Code prints as well: messages, tool calls with their results, one result at the end. */
import { type Happening, type StreamReader, type Told, toldNothing } from './cli.ts';
import { amountIn, countIn, isObject, type JsonObject, listIn, objectIn, textIn } from './json.ts';
import { createRecent, type Recent } from './recent.ts';
import { addTokens, type CliTokens, lessTokens, mostTokens, noCliTokens } from './tokens.ts';

export interface ClaudeStreamOptions {
  /** From a usage object to tokens: Claude counts cached input apart, Qwen within. */
  readonly tokensOf: (usage: JsonObject) => CliTokens;
  /** Of the last line: what this launch alone has cost, in USD; null where it does not say. */
  readonly costOf: (result: JsonObject) => number | null;
  /** True where every block has a message id of its own, so that a call shows by its usage only. */
  readonly turnsByUsage?: true;
  /** True where `result.usage` counts the whole session, so that only the calls' own reports are of this launch. */
  readonly resultCountsSession?: true;
  readonly writeTools: RegExp;
}

export function readClaudeStream(options: ClaudeStreamOptions): StreamReader {
  let told: Told = toldNothing;
  /** Usage by message: an answer comes in several events, each with the same usage or a later one. */
  const messages = createRecent<CliTokens>();
  const writes = createRecent<string>();

  function book(id: string, usage: unknown): void {
    if (!isObject(usage)) return;
    const before = messages.get(id) ?? noCliTokens;
    const after = mostTokens(before, options.tokensOf(usage));
    messages.set(id, after);
    told = { ...told, tokens: addTokens(told.tokens, lessTokens(after, before)) };
  }

  function assistant(event: JsonObject): Happening[] {
    const message = objectIn(event, 'message');
    const id = textIn(message, 'id');
    const isOwn = event.parent_tool_use_id === null || event.parent_tool_use_id === undefined;
    const isCall =
      messages.get(id) === undefined && (!options.turnsByUsage || hasUsed(options.tokensOf, message.usage));
    if (isOwn && isCall) told = { ...told, turns: (told.turns ?? 0) + 1 };
    book(id, message.usage ?? {});
    return listIn(message, 'content').flatMap((part): Happening[] => {
      if (part.type === 'text') return said(textIn(part, 'text'), isOwn);
      return part.type === 'tool_use' ? [called(part)] : [];
    });
  }

  function said(text: string, isOwn: boolean): Happening[] {
    if (isOwn) told = { ...told, text };
    return text === '' ? [] : [{ type: 'text', text }];
  }

  function called(part: JsonObject): Happening {
    const name = textIn(part, 'name');
    const input = objectIn(part, 'input');
    const path = textIn(input, 'file_path') || textIn(input, 'notebook_path') || textIn(input, 'path');
    if (options.writeTools.test(name)) writes.set(textIn(part, 'id'), path);
    return { type: 'tool', name, detail: path || textIn(input, 'command') || textIn(input, 'description') };
  }

  function answered(event: JsonObject): Happening[] {
    return listIn(event, 'message', 'content').flatMap((part): Happening[] => {
      const id = textIn(part, 'tool_use_id');
      const path = writes.get(id);
      if (part.type !== 'tool_result' || path === undefined) return [];
      writes.delete(id);
      if (part.is_error === true) return [];
      return [{ type: 'write', path, denied: false }];
    });
  }

  function ended(result: JsonObject): void {
    const ok = result.is_error !== true && result.subtype === 'success';
    const structured = result.structured_output ?? result.structured_result;
    const usage = objectIn(result, 'usage');
    told = {
      ...told,
      tokens: options.resultCountsSession ? told.tokens : mostTokens(told.tokens, options.tokensOf(usage)),
      costUsd: options.costOf(result),
      text: textIn(result, 'result') || told.text,
      structured: structured === undefined || structured === null ? null : JSON.stringify(structured),
      report: ok ? { ok } : { ok, error: errorOf(result) },
    };
  }

  return {
    told: () => told,
    wants(type, line) {
      if (type === 'assistant' || type === 'result') return true;
      // Of results of tools, only whether a write has succeeded is looked at.
      if (type === 'user') return writes.size() > 0;
      // Every piece of text comes as an event of its own; only the end of an answer says something new.
      if (type === 'stream_event') return line.includes('"message_delta"');
      return type === 'system' && (told.sessionId === null || line.includes('"permission_denied"'));
    },
    read(event) {
      if (event.type === 'assistant') return assistant(event);
      if (event.type === 'user') return answered(event);
      if (event.type === 'result') ended(event);
      if (event.type === 'stream_event') partial(event, book);
      if (event.type !== 'system') return [];
      if (event.subtype === 'init') told = { ...told, sessionId: textIn(event, 'session_id') || null };
      return event.subtype === 'permission_denied' ? denied(event, writes) : [];
    },
  };
}

function hasUsed(tokensOf: ClaudeStreamOptions['tokensOf'], usage: unknown): boolean {
  return isObject(usage) && tokensOf(usage).input > 0;
}

/** The end of each answer tells its true usage. */
function partial(event: JsonObject, book: (id: string, usage: unknown) => void): void {
  const inner = objectIn(event, 'event');
  const id = textIn(event, 'api_message_id');
  if (inner.type === 'message_delta' && id !== '') book(id, inner.usage);
}

/** Only tools that write files: a command that may not run need not have been a write. */
function denied(event: JsonObject, writes: Pick<Recent<string>, 'get'>): Happening[] {
  const path = writes.get(textIn(event, 'tool_use_id'));
  return path === undefined ? [] : [{ type: 'write', path, denied: true }];
}

function errorOf(result: JsonObject): string {
  const errors = Array.isArray(result.errors) ? result.errors.filter((one) => typeof one === 'string') : [];
  const said = errors.join('; ') || textIn(objectIn(result, 'error'), 'message') || textIn(result, 'result');
  const kind = textIn(result, 'subtype');
  const reason = textIn(result, 'terminal_reason');
  const where = [kind === 'success' ? '' : kind, reason].filter((part) => part !== '').join(', ');
  return [said, where && `(${where})`].filter((part) => part !== '').join(' ') || 'it gave no reason';
}

/** Cached input stands beside `input_tokens`. */
export function claudeTokens(usage: JsonObject): CliTokens {
  const cacheRead = countIn(usage, 'cache_read_input_tokens');
  const cacheWrite = countIn(usage, 'cache_creation_input_tokens');
  const input = countIn(usage, 'input_tokens') + cacheRead + cacheWrite;
  return { input, cacheRead, cacheWrite, output: countIn(usage, 'output_tokens') };
}

/** `total_cost_usd` counts the whole session in newer versions; what is new since the last result is of this launch. */
export function claudeCost(result: JsonObject): number | null {
  const fresh = result.model_usage_since_last_result;
  if (!isObject(fresh)) return amountIn(result, 'total_cost_usd');
  return Object.values(fresh).reduce(
    (total: number, model) => total + (isObject(model) ? (amountIn(model, 'costUSD') ?? 0) : 0),
    0,
  );
}
