import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { createClient } from '../../../src/github/api/client.ts';

const token = 'ghs_planted-secret';
const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(answer: (request: IncomingMessage, response: ServerResponse, count: number) => void) {
  const paths: string[] = [];
  const server = createServer((request, response) => {
    paths.push(`${request.method} ${request.url}`);
    answer(request, response, paths.length);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const log: string[] = [];
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createClient({
    token,
    apiUrl: `${url}/api/v3`,
    userAgent: 'gump-test',
    log: (line) => log.push(line),
    requestTimeoutMs: 500,
  });
  return { client, paths, log, url };
}

function json(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

const repository = { owner: 'o', repo: 'r' };

describe('the client', () => {
  test('counts requests and writes, and sends GraphQL beside `/api/v3` on an Enterprise Server', async () => {
    const { client, paths } = await serve((_, response) => json(response, 200, { data: { ok: true } }));
    await client.octokit.rest.repos.get(repository);
    await client.octokit.graphql('query { viewer { login } }');
    expect(client.requests).toEqual({ total: 2, writes: 0 });
    await client.octokit.graphql('mutation { a { b } }');
    expect(paths).toEqual(['GET /api/v3/repos/o/r', 'POST /api/graphql', 'POST /api/graphql']);
    expect(client.requests).toEqual({ total: 3, writes: 1 });
  });

  test('repeats a read that failed, and never a write', async () => {
    const { client, paths } = await serve((request, response, count) =>
      json(response, request.method === 'GET' && count > 1 ? 200 : 502, { message: 'bad gateway' }),
    );
    await client.octokit.rest.repos.get(repository);
    await expect(client.octokit.rest.issues.create({ ...repository, title: 't' })).rejects.toThrow(
      'bad gateway',
    );
    expect(paths).toEqual([
      'GET /api/v3/repos/o/r',
      'GET /api/v3/repos/o/r',
      'POST /api/v3/repos/o/r/issues',
    ]);
  });

  test('waits as long as `retry-after` says, for writes too', async () => {
    const { client, paths, log } = await serve((_, response, count) =>
      count === 1
        ? json(response, 429, { message: 'slow down' }, { 'retry-after': '1' })
        : json(response, 201, {}),
    );
    const from = Date.now();
    await client.octokit.rest.issues.create({ ...repository, title: 't' });
    expect(Date.now() - from).toBeGreaterThanOrEqual(990);
    expect(paths).toHaveLength(2);
    expect(log.join()).toContain('wait 1 s');
  });

  test('does not wait for hours: a spent rate limit is an error', async () => {
    const reset = String(Math.ceil(Date.now() / 1000) + 3600);
    const { client, paths } = await serve((_, response) =>
      json(
        response,
        403,
        { message: 'API rate limit exceeded' },
        { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': reset },
      ),
    );
    await expect(client.octokit.rest.repos.get(repository)).rejects.toThrow('rate limit');
    expect(paths).toHaveLength(1);
  });

  test('gives up on a request without an answer', async () => {
    const { client } = await serve(() => {});
    await expect(client.octokit.rest.issues.create({ ...repository, title: 't' })).rejects.toThrow();
  });

  test('says the token in no message, not even when GitHub does', async () => {
    const { client, log } = await serve((_, response) =>
      json(response, 422, { message: `no ${token} here` }),
    );
    const error = await client.octokit.rest.repos.get(repository).catch((thrown: Error) => thrown);
    expect(String((error as Error).message)).toContain('no *** here');
    expect(JSON.stringify(log)).not.toContain(token);
  });
});
