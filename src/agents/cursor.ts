/**
 * Cursor's CLI. It reaches models through Cursor's own service only, so never through the gateway.
 * @source its documentation and a published description of 2026.03.20's stream (2026-11); not run by us.
 */
import { type Cli, type Happening, type StreamReader, type Told, toldNothing } from './cli.ts';
import { countIn, isObject, type JsonObject, listIn, objectIn, textIn } from './json.ts';
import { createRecent } from './recent.ts';

export const cursor: Cli = {
  family: 'cursor',
  program: 'cursor-agent',
  login: ['.cursor', '.config/cursor'],
  conversations: [],
  upstream: () => null,
  apis: [],
  args: ({ model, access, session }) => [
    ...['-p', '--output-format', 'stream-json', '--trust'],
    ...(model === null ? [] : ['--model', model]),
    ...(access === 'read-write' ? ['--force'] : ['--mode', 'plan']),
    ...(session === null ? [] : ['--resume', session]),
  ],
  env: () => ({}),
  settings: () => ({}),
  reader: readCursorStream,
};

/** Text and tool calls of one model call share its id. */
function readCursorStream(): StreamReader {
  let told: Told = toldNothing;
  const calls = createRecent<true>();

  function count(event: JsonObject): void {
    const id = textIn(event, 'model_call_id');
    if (id === '' || calls.get(id)) return;
    calls.set(id, true);
    told = { ...told, turns: (told.turns ?? 0) + 1 };
  }

  function said(event: JsonObject): Happening[] {
    const text = listIn(event, 'message', 'content')
      .map((part) => (part.type === 'text' ? textIn(part, 'text') : ''))
      .join('');
    if (text === '') return [];
    told = { ...told, text };
    return [{ type: 'text', text }];
  }

  /** The kind of tool is the name of its key: `editToolCall`. */
  function called(event: JsonObject): Happening[] {
    const [entry] = Object.entries(objectIn(event, 'tool_call'));
    const [key = 'tool', call = {}] = entry ?? [];
    const name = key.replace(/ToolCall$/, '');
    const path = textIn(objectIn(call, 'args'), 'path');
    const detail = path || textIn(objectIn(call, 'args'), 'command');
    if (event.subtype === 'started') return [{ type: 'tool', name, detail }];
    const isDone = isObject(call) && Object.keys(objectIn(call, 'result', 'success')).length > 0;
    const isWrite = /^(edit|write|delete)$/.test(name) && path !== '';
    return isWrite && isDone ? [{ type: 'write', path, denied: false }] : [];
  }

  function ended(event: JsonObject): void {
    const ok = event.is_error !== true && event.subtype === 'success';
    const error = textIn(event, 'result') || String(event.subtype);
    const text = textIn(event, 'result') || told.text;
    told = { ...told, text, tokens: tokensOf(event), report: ok ? { ok } : { ok, error } };
  }

  return {
    told: () => told,
    read(event) {
      count(event);
      if (event.type === 'system' && event.subtype === 'init')
        told = { ...told, sessionId: textIn(event, 'session_id') || null };
      if (event.type === 'result') ended(event);
      if (event.type === 'assistant') return said(event);
      return event.type === 'tool_call' ? called(event) : [];
    },
  };
}

function tokensOf(event: JsonObject) {
  const usage = objectIn(event, 'usage');
  const cacheRead = countIn(usage, 'cacheReadTokens');
  const cacheWrite = countIn(usage, 'cacheWriteTokens');
  const input = countIn(usage, 'inputTokens') + cacheRead + cacheWrite;
  return { input, cacheRead, cacheWrite, output: countIn(usage, 'outputTokens') };
}
