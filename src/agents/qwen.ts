/** Qwen Code. @source recorded runs of 0.24.4, and its `--help` (2026-11) */
import { readClaudeStream } from './claude-stream.ts';
import type { Cli } from './cli.ts';
import { countIn, type JsonObject } from './json.ts';

export const qwen: Cli = {
  family: 'qwen',
  program: 'qwen',
  login: ['.qwen'],
  conversations: [
    { folder: '.qwen/projects', files: /^[^/]+\/chats\/[^/]+\.jsonl$/ },
    { folder: '.qwen/tmp', files: /^[^/]+\/chats\/[^/]+\.jsonl?$/ },
  ],
  upstream: () => 'qwen',
  apis: ['openai-chat'],
  args: ({ model, access, session, schema, models }) => [
    ...['-o', 'stream-json'],
    ...(models === null ? [] : ['--auth-type', 'openai']),
    ...(model === null ? [] : ['-m', model]),
    ...['--approval-mode', access === 'read-write' ? 'yolo' : 'plan'],
    ...(session === null ? [] : ['--resume', session]),
    ...(schema === null ? [] : ['--json-schema', schema.text]),
  ],
  env: ({ models }) => ({
    QWEN_CODE_SUPPRESS_YOLO_WARNING: '1',
    QWEN_CODE_NO_RELAUNCH: '1',
    ...(models === null ? {} : { OPENAI_BASE_URL: `${models.url('qwen')}/v1`, OPENAI_API_KEY: models.token }),
  }),
  settings: ({ models }): Readonly<Record<string, string>> =>
    models === null ? {} : { '.qwen/settings.json': JSON.stringify(quietSettings, null, 2) },
  reader: () =>
    readClaudeStream({
      tokensOf: qwenTokens,
      costOf: () => null,
      // Its messages have an id each, so a call with several blocks looks like several; only those with usage are calls.
      turnsByUsage: true,
      resultCountsSession: true,
      writeTools: /^(write_file|edit|notebook_edit)$/,
    }),
};

/** Without these it makes model calls of its own behind the run. */
const quietSettings = {
  memory: { enableManagedAutoMemory: false, enableManagedAutoDream: false, enableAutoSkill: false },
  privacy: { usageStatisticsEnabled: false },
  telemetry: { enabled: false },
  general: { enableAutoUpdate: false, enableAutoUpdateNotification: false },
  security: { folderTrust: { enabled: false } },
};

/** Cached input is counted within `input_tokens`. */
function qwenTokens(usage: JsonObject) {
  return {
    input: countIn(usage, 'input_tokens'),
    cacheRead: countIn(usage, 'cache_read_input_tokens'),
    cacheWrite: 0,
    output: countIn(usage, 'output_tokens'),
  };
}
