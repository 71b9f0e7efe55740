import { describe, expect, test } from 'vitest';
import { checkLayers } from '../../src/config/layers.ts';
import { parseConfig } from '../../src/config/parse.ts';
import { formatDiagnostic } from '../../src/diagnostic.ts';

const parse = (text: string) => parseConfig({ file: 'gump.toml', text });
const shown = (text: string) => parse(text).diagnostics.map(formatDiagnostic).join('\n');

const table = (...lines: readonly string[]) => `[gateway.company]\n${lines.join('\n')}\n`;
const url = 'url = "https://models.example.com/v1"';
const api = 'api = "openai-chat"';
const key = 'key_env = "COMPANY_KEY"';

/** What a person might put where only a name belongs; it must not come out again. */
const secrets = [
  'sk-ant-api03-planted',
  'AIzaSyPlantedPlantedPlanted',
  'eyJhbGciOi.planted.sig',
  'Bearer planted-planted',
  'dGhpcyBpcyBhIHBsYW50ZWQga2V5IG9mIGEgY29tcGFueQ',
];

describe('a key in a file is refused, and neither it nor its line is shown:', () => {
  test.each(
    secrets.flatMap((secret) => [
      [secret, table(url, api, `key_env = "${secret}"`)],
      [secret, table(url, api, `api_key = "${secret}"`)],
      [secret, table(url, api, `key = "${secret}"`, key)],
      [secret, table(url, api, key, `headers = { "x-anything" = "${secret}" }`)],
      [secret, table(url, api, key, `headers = { "Authorization" = "${secret}" }`)],
      [secret, table(url, api, key, `key_in = "${secret}"`)],
      [secret, table(`url = "https://models.example.com/?anything=${encodeURIComponent(secret)}"`, api, key)],
      [
        secret,
        table(`url = "https://models.example.com/?api_key=x${secret.slice(1).replace(' ', '')}"`, api, key),
      ],
      [secret, table(`url = "https://me:${encodeURIComponent(secret)}@models.example.com/"`, api, key)],
    ]),
  )('%s in %j', (secret, text) => {
    const { layer, diagnostics } = parse(text);
    expect(layer).toBeNull();
    expect(diagnostics.map(({ code }) => code)).toContain('key-in-file');
    expect(shown(text)).not.toContain(secret.slice(4));
    expect(shown(text)).toContain('gump.toml:');
  });
});

describe('an upstream that makes no sense is refused with what to do:', () => {
  test.each([
    [table(url), 'does not say its `api`'],
    [table(api, key), 'does not say its `url`'],
    [table(url, api), 'which variable holds its key'],
    [table(url, api, key, 'key_in = "none"'), 'no key is sent'],
    [table(url, 'api = "openai"', key), '`api` is one of "anthropic-messages", "openai-responses"'],
    [table('url = "ftp://models.example.com"', api, key), '`url` is an address that begins with'],
    [table('url = "models.example.com"', api, key), '`url` is an address that begins with'],
    [table(url, api, 'key_env = "GITHUB_TOKEN"'), '`key_env` is the name of a variable'],
    [table(url, api, 'key_env = "ACTIONS_RUNTIME_TOKEN"'), "credentials of GitHub's"],
    [table(url, api, key, 'key_in = "header:host"'), '`key_in` is "bearer", "none"'],
    [table(url, api, key, 'headers = { "Host" = "evil" }'), '`headers` is a table of headers'],
    [table(url, api, key, 'headers = { "x-a" = "b\\r\\nx-c: d" }'), '`headers` is a table of headers'],
    [table(url, api, key, 'headers = "x"'), '`headers` is a table of headers'],
    [table(url, api, key, 'models = { "a" = 1 }'), '`models` is a table of names'],
    ['[gateway.openai]\n', '[gateway.openai] would be another openai'],
    ['[gateway."a/b"]\n', '`a/b` cannot be the name of an upstream'],
    ['gateway = 3\n', '`gateway` is a table'],
  ])('%j', (text, message) => {
    expect(parse(text).layer).toBeNull();
    expect(shown(text)).toContain(message);
  });
});

test('an upstream may be called constructor, and is nobody else', () => {
  const { layer } = parse(`[gateway.constructor]\n${url}\n${api}\n${key}\n`);
  expect(Object.keys(layer?.config.gateway ?? {})).toEqual(['constructor']);
});

test('a key that would travel in the open is a warning, on this machine it is none', () => {
  expect(shown(table('url = "http://models.example.com"', api, key))).toContain('warning');
  expect(shown(table('url = "http://127.0.0.1:8000/v1"', api, key))).toBe('');
  expect(shown(table('url = "http://localhost:11434/v1"', api, 'key_in = "none"'))).toBe('');
});

test('an agent that is sent to an upstream that nobody knows is told, with its place and the nearest name', () => {
  const { layer } = parse(`${table(url, api, key)}[agents.mine]\ncommand = ["a"]\nupstream = "compny"\n`);
  expect(checkLayers(layer ? [layer] : [])).toEqual([
    expect.objectContaining({
      severity: 'warning',
      code: 'unknown-upstream',
      hint: 'did you mean `company`?',
      at: { file: 'gump.toml', line: 7, column: 1 },
    }),
  ]);
});
