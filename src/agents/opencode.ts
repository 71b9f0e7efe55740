/** OpenCode. @source recorded runs of 1.18.33, and its `--help` (2026-11) */
import { type Cli, type CliOrder, type Happening, type StreamReader, type Told, toldNothing } from './cli.ts';
import { amountIn, countIn, type JsonObject, objectIn, textIn } from './json.ts';
import { addTokens } from './tokens.ts';

/** Models are named `provider/model`; these providers are pointed at the gateway. */
const providers = { anthropic: 'anthropic', openai: 'openai', google: 'gemini' } as const;

export const opencode: Cli = {
  family: 'opencode',
  program: 'opencode',
  login: ['.local/share/opencode', '.local/state/opencode', '.config/opencode'],
  conversations: [
    { folder: '.local/share/opencode', files: /^(opencode\.db(-wal|-shm)?|storage\/.+\.json)$/ },
  ],
  upstream: (model) => upstreamOf(model),
  apis: ['openai-chat'],
  args: ({ model, session, models }) => [
    ...['run', '--format', 'json'],
    ...(model === null ? [] : ['-m', models?.api == null ? model : `gump/${model}`]),
    ...(session === null ? [] : ['-s', session]),
  ],
  env: (order) => ({
    OPENCODE_DISABLE_AUTOUPDATE: '1',
    OPENCODE_DISABLE_MODELS_FETCH: '1',
    OPENCODE_DISABLE_LSP_DOWNLOAD: '1',
    OPENCODE_DISABLE_DEFAULT_PLUGINS: '1',
    OPENCODE_CONFIG_CONTENT: JSON.stringify(configOf(order)),
  }),
  settings: () => ({}),
  reader: readOpencodeStream,
  staysInTree: true,
};

/** Without a model's name it takes the one of its own configuration, with its own login. */
function upstreamOf(model: string | null): string | null {
  const [provider = ''] = (model ?? '').split('/');
  return Object.hasOwn(providers, provider) ? providers[provider as keyof typeof providers] : null;
}

function configOf({ access, models, model }: CliOrder): object {
  const may = access === 'read-write' ? 'allow' : 'deny';
  const common = { autoupdate: false, share: 'disabled', permission: { edit: may, bash: may } };
  if (models === null) return common;
  if (models.api !== null) {
    const options = { baseURL: `${models.url('gump')}/v1`, apiKey: models.token };
    const named = model === null ? {} : { [model]: { name: model } };
    return { ...common, provider: { gump: { npm: '@ai-sdk/openai-compatible', options, models: named } } };
  }
  const provider = Object.entries(providers).map(([name, upstream]) => {
    const baseURL = `${models.url(upstream)}/${name === 'google' ? 'v1beta' : 'v1'}`;
    return [name, { options: { baseURL, apiKey: models.token } }];
  });
  return { ...common, provider: Object.fromEntries(provider) };
}

/** It has no last word of its own: the last step's reason and the exit code together say how it ended. */
function readOpencodeStream(): StreamReader {
  let told: Told = toldNothing;

  function toolUse(part: JsonObject): Happening[] {
    const name = textIn(part, 'tool');
    const state = objectIn(part, 'state');
    const input = objectIn(state, 'input');
    const paths = pathsOf(name, input);
    const detail = paths[0] ?? (textIn(input, 'filePath') || textIn(input, 'command'));
    const tool: Happening = { type: 'tool', name, detail };
    const isDenied = /reject|denied|permission/i.test(textIn(state, 'error'));
    if (state.status !== 'completed' && !isDenied) return [tool];
    const denied = state.status !== 'completed';
    return [tool, ...paths.map((path): Happening => ({ type: 'write', path, denied }))];
  }

  function stepEnded(part: JsonObject): void {
    const reason = textIn(part, 'reason');
    told = {
      ...told,
      tokens: addTokens(told.tokens, tokensOf(part)),
      costUsd: (told.costUsd ?? 0) + (amountIn(part, 'cost') ?? 0),
      report: reason === 'stop' ? { ok: true } : { ok: false, error: `its last step ended with "${reason}"` },
    };
  }

  return {
    told: () => told,
    read(event) {
      const part = objectIn(event, 'part');
      const sessionId = textIn(event, 'sessionID');
      if (sessionId !== '') told = { ...told, sessionId };
      if (event.type === 'step_start') told = { ...told, turns: (told.turns ?? 0) + 1, report: null };
      if (event.type === 'step_finish') stepEnded(part);
      if (event.type === 'error') told = { ...told, report: { ok: false, error: errorOf(event) } };
      if (event.type === 'tool_use') return toolUse(part);
      if (event.type !== 'text') return [];
      told = { ...told, text: textIn(part, 'text') };
      return [{ type: 'text', text: told.text }];
    },
  };
}

/** What a call of a tool writes; empty where it does not. */
function pathsOf(name: string, input: JsonObject): readonly string[] {
  if (name === 'apply_patch') return patchedPaths(textIn(input, 'patchText'));
  const path = textIn(input, 'filePath');
  return /^(write|edit|patch|multiedit)$/.test(name) && path !== '' ? [path] : [];
}

/**
 * Models of OpenAI's write by patches that may change several files; a file that moves is written in both places.
 * @source the tool's parameters in OpenCode's repository (read 2026-11); no recorded run has it
 */
function patchedPaths(patch: string): readonly string[] {
  const headers = /^\*\*\* (?:(?:Add|Update|Delete) File|Move to): (.*)$/gm;
  return [...patch.matchAll(headers)].map(([, path = '']) => path.trim()).filter((path) => path !== '');
}

/** Cached input and reasoning are counted apart. */
function tokensOf(part: JsonObject) {
  const tokens = objectIn(part, 'tokens');
  const cacheRead = countIn(objectIn(tokens, 'cache'), 'read');
  const cacheWrite = countIn(objectIn(tokens, 'cache'), 'write');
  return {
    input: countIn(tokens, 'input') + cacheRead + cacheWrite,
    cacheRead,
    cacheWrite,
    output: countIn(tokens, 'output') + countIn(tokens, 'reasoning'),
  };
}

function errorOf(event: JsonObject): string {
  const error = objectIn(event, 'error');
  return textIn(objectIn(error, 'data'), 'message') || textIn(error, 'name') || 'it gave no reason';
}
