/** Codex CLI. @source recorded runs of 0.169.0, and its `--help` (2026-11) */
import { type Cli, type CliOrder, type Happening, type StreamReader, type Told, toldNothing } from './cli.ts';
import { countIn, type JsonObject, listIn, objectIn, textIn } from './json.ts';

export const codex: Cli = {
  family: 'codex',
  program: 'codex',
  login: ['.codex'],
  conversations: [{ folder: '.codex/sessions', files: /\.jsonl$/ }],
  upstream: () => 'openai',
  apis: ['openai-responses'],
  // `exec resume` takes fewer flags than `exec`: what both take is set by `-c`.
  args: (order) => [
    'exec',
    ...(order.session === null ? [] : ['resume']),
    ...['--json', '--skip-git-repo-check', '--disable', 'plugins', '--disable', 'apps'],
    ...(order.model === null ? [] : ['-m', order.model]),
    ...permissions(order),
    ...(order.schema === null ? [] : ['--output-schema', order.schema.file]),
    ...(order.session === null ? [] : [order.session]),
    '-',
  ],
  // Its helper programs must not lie below the folder for temporary files.
  env: ({ home, models }) =>
    models === null
      ? {}
      : { CODEX_HOME: `${home}/.codex`, TMPDIR: `${home}/tmp`, GUMP_MODEL_TOKEN: models.token },
  settings: ({ models }): Readonly<Record<string, string>> =>
    models === null ? {} : { '.codex/config.toml': settingsText(models.url('openai')), 'tmp/.keep': '' },
  reader: readCodexStream,
  countsSession: true,
};

const wanted = new Set(['thread.started', 'turn.completed', 'turn.failed', 'item.started']);
const ofCommand = /^\{"type":"item\.completed","item":\{"id":"[^"]*","type":"command_execution"/;

function permissions({ access, isIsolated }: CliOrder): readonly string[] {
  if (isIsolated) return ['--dangerously-bypass-approvals-and-sandbox'];
  return ['-c', `sandbox_mode="${access === 'read-write' ? 'workspace-write' : 'read-only'}"`];
}

function settingsText(url: string): string {
  return [
    'model_provider = "gump"',
    'check_for_update_on_startup = false',
    '[model_providers.gump]',
    'name = "gump"',
    `base_url = ${JSON.stringify(`${url}/v1`)}`,
    'env_key = "GUMP_MODEL_TOKEN"',
    'wire_api = "responses"',
    '[analytics]',
    'enabled = false',
    '[feedback]',
    'enabled = false',
    '',
  ].join('\n');
}

/** It does not tell when a model call begins, and its usage counts the whole thread. */
function readCodexStream(): StreamReader {
  let told: Told = { ...toldNothing, turns: null };

  function item(value: JsonObject, isDone: boolean): Happening[] {
    if (value.type === 'agent_message' && isDone) {
      const text = textIn(value, 'text');
      told = { ...told, text };
      return text === '' ? [] : [{ type: 'text', text }];
    }
    if (value.type === 'command_execution' && !isDone)
      return [{ type: 'tool', name: 'command', detail: textIn(value, 'command') }];
    if (value.type !== 'file_change' || !isDone) return [];
    const denied = value.status !== 'completed';
    return listIn(value, 'changes').map((change) => ({
      type: 'write',
      path: textIn(change, 'path'),
      denied,
    }));
  }

  return {
    told: () => told,
    // What a command has printed is of no use here.
    wants: (type, line) =>
      type === 'item.completed' ? !ofCommand.test(line.toString('latin1', 0, 200)) : wanted.has(type),
    read(event) {
      if (event.type === 'thread.started') told = { ...told, sessionId: textIn(event, 'thread_id') || null };
      if (event.type === 'turn.completed') told = { ...told, tokens: tokensOf(event), report: { ok: true } };
      if (event.type === 'turn.failed') {
        const error = textIn(objectIn(event, 'error'), 'message') || 'it gave no reason';
        told = { ...told, report: { ok: false, error } };
      }
      const isDone = event.type === 'item.completed';
      return isDone || event.type === 'item.started' ? item(objectIn(event, 'item'), isDone) : [];
    },
  };
}

function tokensOf(event: JsonObject) {
  const usage = objectIn(event, 'usage');
  return {
    input: countIn(usage, 'input_tokens'),
    cacheRead: countIn(usage, 'cached_input_tokens'),
    cacheWrite: countIn(usage, 'cache_write_input_tokens'),
    output: countIn(usage, 'output_tokens'),
  };
}
