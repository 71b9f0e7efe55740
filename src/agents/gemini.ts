/** Gemini CLI. @source recorded runs of 0.61.0, and its `--help` (2026-11) */
import { type Cli, type Happening, joined, type StreamReader, type Told, toldNothing } from './cli.ts';
import { countIn, type JsonObject, objectIn, textIn } from './json.ts';
import { createRecent } from './recent.ts';

export const gemini: Cli = {
  family: 'gemini',
  program: 'gemini',
  login: ['.gemini'],
  conversations: [
    { folder: '.gemini/tmp', files: /^[^/]+\/(chats\/[^/]+\.jsonl?|\.project_root)$/ },
    { folder: '.gemini', files: /^projects\.json$/ },
  ],
  upstream: () => 'gemini',
  apis: ['gemini'],
  // Without a prompt of its own it reads standard input.
  args: ({ model, access, session }) => [
    ...['-o', 'stream-json', '--skip-trust'],
    ...(model === null ? [] : ['-m', model]),
    // In `plan` it has no tools that write; in `yolo` it asks nobody.
    ...['--approval-mode', access === 'read-write' ? 'yolo' : 'plan'],
    ...(session === null ? [] : ['--resume', session]),
  ],
  env: ({ models }) => ({
    GEMINI_CLI_NO_RELAUNCH: 'true',
    ...(models === null
      ? {}
      : { GOOGLE_GEMINI_BASE_URL: models.url('gemini'), GEMINI_API_KEY: models.token }),
  }),
  settings: ({ models }): Readonly<Record<string, string>> =>
    models === null ? {} : { '.gemini/settings.json': JSON.stringify(quietSettings, null, 2) },
  reader: readGeminiStream,
};

const quietSettings = {
  security: { auth: { selectedType: 'gemini-api-key' }, folderTrust: { enabled: false } },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
};

/** Text comes in pieces; a turn begins where something else came between. It does not tell when a model call begins. */
function readGeminiStream(): StreamReader {
  let told: Told = { ...toldNothing, turns: null };
  let isSpeaking = false;
  const writes = createRecent<string>();

  function message(event: JsonObject): Happening[] {
    if (event.role !== 'assistant') return [];
    const piece = textIn(event, 'content');
    told = { ...told, text: isSpeaking ? joined(told.text, piece) : piece };
    isSpeaking = true;
    return [{ type: 'text', text: piece }];
  }

  function toolUse(event: JsonObject): Happening[] {
    const name = textIn(event, 'tool_name');
    const parameters = objectIn(event, 'parameters');
    const path = textIn(parameters, 'file_path');
    if (name === 'write_file' || name === 'replace') writes.set(textIn(event, 'tool_id'), path);
    return [{ type: 'tool', name, detail: path || textIn(parameters, 'command') }];
  }

  function toolResult(event: JsonObject): Happening[] {
    const id = textIn(event, 'tool_id');
    const path = writes.get(id);
    writes.delete(id);
    return path === undefined || event.status !== 'success' ? [] : [{ type: 'write', path, denied: false }];
  }

  function ended(event: JsonObject): void {
    const ok = event.status === 'success';
    const error = textIn(objectIn(event, 'error'), 'message') || String(event.status);
    told = { ...told, tokens: tokensOf(event), report: ok ? { ok } : { ok, error } };
  }

  return {
    told: () => told,
    // Of results of tools, only whether a write has succeeded is looked at; a call came before, so no text goes on behind it.
    wants: (type) => type !== 'tool_result' || writes.size() > 0,
    read(event) {
      if (event.type === 'message') return message(event);
      isSpeaking = false;
      if (event.type === 'init') told = { ...told, sessionId: textIn(event, 'session_id') || null };
      if (event.type === 'result') ended(event);
      if (event.type === 'tool_use') return toolUse(event);
      return event.type === 'tool_result' ? toolResult(event) : [];
    },
  };
}

/** Its `output_tokens` leave out what was thought; the total has it. */
function tokensOf(event: JsonObject) {
  const stats = objectIn(event, 'stats');
  const input = countIn(stats, 'input_tokens');
  const output = Math.max(countIn(stats, 'output_tokens'), countIn(stats, 'total_tokens') - input);
  return { input, cacheRead: countIn(stats, 'cached'), cacheWrite: 0, output };
}
