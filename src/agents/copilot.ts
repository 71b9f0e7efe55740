/** GitHub Copilot CLI. @source recorded runs of 1.0.102, and its `--help` (2026-11) */
import { type Cli, type Happening, type StreamReader, type Told, toldNothing } from './cli.ts';
import { type JsonObject, listIn, objectIn, textIn } from './json.ts';

export const copilot: Cli = {
  family: 'copilot',
  program: 'copilot',
  login: ['.copilot'],
  conversations: [{ folder: '.copilot/session-state', files: /\.(jsonl|json|yaml)$/ }],
  upstream: () => 'openai',
  apis: ['openai-chat'],
  args: ({ model, access, session, newSession, isIsolated }) => [
    ...['--output-format', 'json', '--no-auto-update', '--disable-client-telemetry', '--no-ask-user'],
    ...(model === null ? [] : ['--model', model]),
    ...(access === 'read-write' || isIsolated ? ['--allow-all-tools'] : []),
    ...(access === 'read-write' ? [] : ['--deny-tool=write']),
    session === null ? `--session-id=${newSession}` : `--resume=${session}`,
  ],
  env: ({ home, models }) => ({
    COPILOT_AUTO_UPDATE: 'false',
    ...(models === null
      ? {}
      : {
          COPILOT_HOME: `${home}/.copilot`,
          COPILOT_OFFLINE: 'true',
          COPILOT_PROVIDER_BASE_URL: `${models.url('openai')}/v1`,
          COPILOT_PROVIDER_API_KEY: models.token,
        }),
  }),
  settings: () => ({}),
  reader: readCopilotStream,
  staysInTree: true,
};

const wanted = new Set([
  ...['assistant.turn_start', 'assistant.message', 'tool.execution_start'],
  ...['session.error', 'result'],
]);

/** Tokens are not in its stream: they are the gateway's. */
function readCopilotStream(): StreamReader {
  let told: Told = toldNothing;

  function toolStarted(data: JsonObject): Happening[] {
    const given = objectIn(data, 'arguments');
    const detail = textIn(given, 'path') || textIn(given, 'command');
    return [{ type: 'tool', name: textIn(data, 'toolName'), detail }];
  }

  function toolEnded(data: JsonObject): Happening[] {
    return listIn(data, 'fileEdits').map((edit) => ({
      type: 'write',
      path: textIn(edit, 'path'),
      denied: false,
    }));
  }

  function ended(event: JsonObject): void {
    const sessionId = textIn(event, 'sessionId') || null;
    const failed = told.report !== null && !told.report.ok;
    const error = `it ended with exit code ${event.exitCode}`;
    const ok = event.exitCode === 0 && !failed;
    told = { ...told, sessionId, report: failed ? told.report : ok ? { ok } : { ok, error } };
  }

  return {
    told: () => told,
    wants: (type, line) =>
      type === 'tool.execution_complete' ? line.includes('"fileEdits"') : wanted.has(type),
    read(event) {
      const data = objectIn(event, 'data');
      if (event.type === 'assistant.turn_start') told = { ...told, turns: (told.turns ?? 0) + 1 };
      if (event.type === 'session.error')
        told = { ...told, report: { ok: false, error: textIn(data, 'message') || 'it gave no reason' } };
      if (event.type === 'result') ended(event);
      if (event.type === 'tool.execution_start') return toolStarted(data);
      if (event.type === 'tool.execution_complete') return toolEnded(data);
      const text = event.type === 'assistant.message' ? textIn(data, 'content') : '';
      if (text === '') return [];
      told = { ...told, text };
      return [{ type: 'text', text }];
    },
  };
}
