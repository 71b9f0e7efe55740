import { generateKeyPairSync } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../app/settings.ts';
import { startApp } from '../../app/start.ts';

const pem = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString();
const env = { APP_ID: '12', PRIVATE_KEY: pem, WEBHOOK_SECRET: 'a secret of ours' };

describe('the App refuses to start', () => {
  test.each([
    ['without APP_ID', { APP_ID: undefined }, 'APP_ID is not set'],
    ['with an APP_ID that is no number', { APP_ID: 'gump' }, 'APP_ID is not a number'],
    ['without PRIVATE_KEY', { PRIVATE_KEY: '' }, 'PRIVATE_KEY is not set'],
    ['with a PRIVATE_KEY that is none', { PRIVATE_KEY: 'hello' }, 'PRIVATE_KEY is not a private key'],
    ['without WEBHOOK_SECRET', { WEBHOOK_SECRET: undefined }, 'WEBHOOK_SECRET is not set'],
    [
      'with the WEBHOOK_SECRET that everybody knows',
      { WEBHOOK_SECRET: 'development' },
      'the word that everybody knows',
    ],
    ['with a wrong address', { GITHUB_API_URL: 'ftp://x' }, 'GITHUB_API_URL is not an address'],
    ['with a wrong list of Apps', { GUMP_ALLOWED_APP_IDS: '1,x' }, 'GUMP_ALLOWED_APP_IDS'],
    ['with a wrong port', { PORT: '99999' }, 'PORT is not a number'],
  ])('%s', async (_what, more, part) => {
    const { problems } = readSettings({ ...env, ...more });
    expect(problems.filter((problem) => problem.includes(part))).toHaveLength(1);
    await expect(startApp({ env: { ...env, ...more }, port: 0, host: '127.0.0.1' })).rejects.toThrow(part);
  });

  test('and tells everything at once, without a value', () => {
    const { problems } = readSettings({ APP_ID: 'planted-1', PRIVATE_KEY: 'planted-2', PORT: 'planted-3' });
    expect(problems).toHaveLength(4);
    expect(problems.join()).not.toContain('planted');
  });
});

describe('settings', () => {
  test.each([
    [{}, 'https://api.github.com', 'https://github.com'],
    [{ GHE_HOST: 'ghe.example' }, 'https://ghe.example/api/v3', 'https://ghe.example'],
    [{ GHE_HOST: 'ghe.example', GHE_PROTOCOL: 'http' }, 'http://ghe.example/api/v3', 'http://ghe.example'],
    [
      { GITHUB_API_URL: 'https://x.example/git/api/v3' },
      'https://x.example/git/api/v3',
      'https://x.example/git',
    ],
    [{ GITHUB_API_URL: 'http://127.0.0.1:9/api/v3/' }, 'http://127.0.0.1:9/api/v3', 'http://127.0.0.1:9'],
  ])('%j gives %s and %s', (more, apiUrl, serverUrl) => {
    expect(readSettings({ ...env, ...more }).settings).toMatchObject({ apiUrl, serverUrl });
  });

  test('an Enterprise Server has an App of its own behind the tokens of jobs', () => {
    expect(readSettings(env).settings?.actionsAppId).toBe(15368);
    const more = { GUMP_ACTIONS_APP_ID: '7', GITHUB_GRAPHQL_URL: 'https://x.example/api/graphql/' };
    expect(readSettings({ ...env, ...more }).settings).toMatchObject({
      actionsAppId: 7,
      graphqlUrl: 'https://x.example/api/graphql',
    });
    expect(readSettings({ ...env, GUMP_ACTIONS_APP_ID: 'x' }).problems).toHaveLength(1);
  });

  test.each([
    ['as it is', pem],
    ['with \\n for its line breaks', pem.replaceAll('\n', '\\n')],
    ['as base64', Buffer.from(pem).toString('base64')],
  ])('the private key may stand %s', (_how, PRIVATE_KEY) => {
    expect(readSettings({ ...env, PRIVATE_KEY }).settings?.privateKey).toBe(pem);
  });
});
