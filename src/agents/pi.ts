/** pi. @source recorded runs of 0.73.1, and its `--help` (2026-11) */
import { type Cli, type Happening, type StreamReader, type Told, toldNothing } from './cli.ts';
import { amountIn, countIn, type JsonObject, listIn, objectIn, textIn } from './json.ts';
import { createRecent } from './recent.ts';
import { addTokens } from './tokens.ts';

export const pi: Cli = {
  family: 'pi',
  program: 'pi',
  login: ['.pi'],
  conversations: [{ folder: '.pi/agent/sessions', files: /\.jsonl$/ }],
  upstream: () => 'openai',
  apis: ['openai-chat'],
  args: ({ model, access, session, models }) => [
    ...['-p', '--mode', 'json'],
    ...(models === null ? [] : ['--provider', 'gump']),
    ...(model === null ? [] : ['--model', model]),
    ...(session === null ? [] : ['--session', session]),
    // It has no permissions: what it may not do, it must not have.
    ...(access === 'read-write' ? [] : ['--tools', 'read,grep,find,ls']),
  ],
  env: ({ home, models }) => ({
    PI_OFFLINE: '1',
    PI_TELEMETRY: '0',
    ...(models === null ? {} : { PI_CODING_AGENT_DIR: `${home}/.pi/agent` }),
  }),
  settings: ({ models, model }): Readonly<Record<string, string>> => {
    if (models === null) return {};
    const provider = {
      baseUrl: `${models.url('openai')}/v1`,
      api: 'openai-completions',
      apiKey: models.token,
      models: model === null ? [] : [{ id: model, contextWindow: 200_000, maxTokens: 32_000 }],
    };
    return { '.pi/agent/models.json': JSON.stringify({ providers: { gump: provider } }, null, 2) };
  },
  reader: readPiStream,
};

/** Most others repeat whole messages: `message_update` twice, for each piece of a text. */
const wanted = new Set(['session', 'turn_start', 'agent_end', 'tool_execution_start']);
const ofTool = /^\{"type":"message_end","message":\{"role":"toolResult"/;

/** It ends with exit code 0 whatever happened: the last answer's reason says whether it went well. */
function readPiStream(): StreamReader {
  let told: Told = toldNothing;
  /** What its last answer means once it says that it has ended (it says so for each retry as well). */
  let verdict: Told['report'] = null;
  const paths = createRecent<string>();

  function answered(message: JsonObject): Happening[] {
    if (message.role !== 'assistant') return [];
    const error = textIn(message, 'errorMessage');
    const reason = textIn(message, 'stopReason');
    const isGood = error === '' && reason !== 'error' && reason !== 'aborted' && reason !== 'length';
    const text = listIn(message, 'content')
      .map((part) => (part.type === 'text' ? textIn(part, 'text') : ''))
      .join('');
    told = {
      ...told,
      tokens: addTokens(told.tokens, tokensOf(message)),
      costUsd: (told.costUsd ?? 0) + (amountIn(objectIn(message, 'usage', 'cost'), 'total') ?? 0),
      text: text || told.text,
    };
    verdict = isGood ? reportOf(message, reason) : { ok: false, error: error || `it stopped: ${reason}` };
    return text === '' ? [] : [{ type: 'text', text }];
  }

  function toolStarted(event: JsonObject): Happening[] {
    const given = objectIn(event, 'args');
    const path = textIn(given, 'path');
    paths.set(textIn(event, 'toolCallId'), path);
    return [{ type: 'tool', name: textIn(event, 'toolName'), detail: path || textIn(given, 'command') }];
  }

  function toolEnded(event: JsonObject): Happening[] {
    const path = paths.get(textIn(event, 'toolCallId')) ?? '';
    const isWrite = /^(write|edit)$/.test(textIn(event, 'toolName')) && path !== '';
    return isWrite && event.isError !== true ? [{ type: 'write', path, denied: false }] : [];
  }

  return {
    told: () => told,
    wants(type, line) {
      if (type === 'message_end') return !ofTool.test(line.toString('latin1', 0, 60));
      if (type === 'tool_execution_end') return line.includes('"write"') || line.includes('"edit"');
      return wanted.has(type);
    },
    read(event) {
      if (event.type === 'session') told = { ...told, sessionId: textIn(event, 'id') || null };
      if (event.type === 'turn_start') told = { ...told, turns: (told.turns ?? 0) + 1, report: null };
      if (event.type === 'agent_end') told = { ...told, report: verdict };
      if (event.type === 'message_end') return answered(objectIn(event, 'message'));
      if (event.type === 'tool_execution_start') return toolStarted(event);
      return event.type === 'tool_execution_end' ? toolEnded(event) : [];
    },
  };
}

/** An answer that calls no tool and says nothing is what it makes of a broken stream. */
function reportOf(message: JsonObject, reason: string): Told['report'] {
  const isEmpty = listIn(message, 'content').length === 0;
  if (reason === 'stop' && isEmpty) return { ok: false, error: 'its last answer was empty' };
  return reason === 'stop' ? { ok: true } : null;
}

function tokensOf(message: JsonObject) {
  const usage = objectIn(message, 'usage');
  const cacheRead = countIn(usage, 'cacheRead');
  const cacheWrite = countIn(usage, 'cacheWrite');
  const input = countIn(usage, 'input') + cacheRead + cacheWrite;
  return { input, cacheRead, cacheWrite, output: countIn(usage, 'output') };
}
