/** Deliveries as GitHub sends them, made of real payloads and signed beforehand, so that sending costs little. */
import { createHmac, generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import { createRequire } from 'node:module';

const secret = 'the secret of the benchmark';

/** What an App needs to start, with GitHub at this address. */
export function appEnvironment(apiUrl: string): Record<string, string> {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    APP_ID: '1',
    PRIVATE_KEY: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
    WEBHOOK_SECRET: secret,
    GITHUB_API_URL: apiUrl,
    LOG_LEVEL: 'error',
  };
}

export interface Prepared {
  readonly name: string;
  readonly body: Buffer;
  readonly signature: string;
}

interface Example {
  readonly name: string;
  readonly examples: readonly Readonly<Record<string, unknown>>[];
}

/** Every example that GitHub publishes, but those of a merge queue: nothing in them asks for anything. */
export function examples(): readonly Prepared[] {
  const all = createRequire(import.meta.url)('@octokit/webhooks-examples') as readonly Example[];
  const quiet = all.filter(({ name }) => name !== 'merge_group');
  return quiet.flatMap(({ name, examples: payloads }) =>
    payloads.map((payload) => prepared(name, { installation: { id: 1 }, ...payload })),
  );
}

/** A comment that is a command, on an issue of its own. */
export function command(number: number): Prepared {
  const at = '2026-11-23T12:00:00Z';
  return prepared('issue_comment', {
    action: 'created',
    installation: { id: 1 },
    repository: { name: 'shop', full_name: 'acme/shop', owner: { login: 'acme' }, default_branch: 'main' },
    issue: {
      number,
      title: 'One',
      body: 'x'.repeat(10_000),
      state: 'open',
      user: { login: 'ana' },
      labels: [],
    },
    comment: {
      ...{ id: 1_000 + number, body: '/gump help', created_at: at, updated_at: at },
      user: { login: 'ana', id: 5, type: 'User' },
    },
    sender: { login: 'ana', id: 5, type: 'User' },
  });
}

function prepared(name: string, payload: object): Prepared {
  const body = Buffer.from(JSON.stringify(payload));
  const signature = `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
  return { name, body, signature };
}

export interface Sender {
  /** The status, and how long it took. */
  send(one: Prepared): Promise<{ readonly status: number; readonly ms: number }>;
  close(): void;
}

export function openSender(url: string): Sender {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 64 });
  let number = 0;
  return {
    send({ name, body, signature }) {
      const startMs = performance.now();
      return new Promise((resolve, reject) => {
        const headers = {
          'content-type': 'application/json',
          'content-length': body.length,
          'x-github-event': name,
          'x-github-delivery': `delivery-${++number}`,
          'x-hub-signature-256': signature,
        };
        const request = http.request(url, { method: 'POST', agent, headers });
        request.once('error', reject);
        request.once('response', (answer) => {
          answer.resume();
          answer.once('end', () =>
            resolve({ status: answer.statusCode ?? 0, ms: performance.now() - startMs }),
          );
        });
        request.end(body);
      });
    },
    close: () => agent.destroy(),
  };
}
