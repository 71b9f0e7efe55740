import { generateKeyPairSync } from 'node:crypto';
import nock from 'nock';
import { afterEach, expect, test } from 'vitest';
import { readSettings } from '../../app/settings.ts';
import { createTokens } from '../../app/tokens.ts';

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const env = {
  APP_ID: '7',
  PRIVATE_KEY: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  WEBHOOK_SECRET: 'a secret of this test',
  GITHUB_API_URL: 'https://ghe.example/api/v3',
  GITHUB_SERVER_URL: 'https://ghe.example',
};

afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

test('tokens of installations come from the configured Enterprise Server, each asked for once while it lasts', async () => {
  nock.disableNetConnect();
  const expires_at = new Date(Date.now() + 3_600_000).toISOString();
  const server = nock('https://ghe.example', { reqheaders: { authorization: /^bearer ey/i } })
    .post('/api/v3/app/installations/41/access_tokens')
    .once()
    .reply(201, { token: 'ghs_one', expires_at, permissions: {}, repository_selection: 'all' });
  const { settings } = readSettings(env);
  if (settings === null) throw new Error('the settings of this test are whole');
  const tokens = createTokens(settings);
  expect([await tokens.installation(41), await tokens.installation(41)]).toEqual(['ghs_one', 'ghs_one']);
  expect(server.isDone()).toBe(true);
});
