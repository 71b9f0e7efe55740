/** A git remote over real smart HTTP with a password, as GitHub's is. */
import { spawn } from 'node:child_process';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createGunzip } from 'node:zlib';

export interface RemoteFixture {
  readonly url: string;
  /** Requests so far, by path with query. */
  readonly requests: readonly string[];
  /** The next so many requests are answered with this status. */
  fail(times: number, status: number): void;
  /** Called before a request is answered. */
  onRequest(listener: (request: IncomingMessage) => Promise<void> | void): void;
  close(): Promise<void>;
}

export async function serveGit(root: string, token: string): Promise<RemoteFixture> {
  const requests: string[] = [];
  let failures = 0;
  let failStatus = 503;
  let listener: (request: IncomingMessage) => Promise<void> | void = () => undefined;
  const server = createServer(async (request, response) => {
    requests.push(request.url ?? '');
    await listener(request);
    const expected = `basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
    if (failures > 0) {
      failures -= 1;
      response.writeHead(failStatus).end();
    } else if (request.headers.authorization?.replace('Basic', 'basic') !== expected) {
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
    } else answer(root, request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/remote.git`,
    requests,
    fail: (times, status) => {
      failures = times;
      failStatus = status;
    },
    onRequest: (given) => {
      listener = given;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(root: string, request: IncomingMessage, response: ServerResponse): void {
  const url = new URL(request.url ?? '/', 'http://localhost');
  const child = spawn('git', ['http-backend'], {
    env: {
      PATH: process.env.PATH ?? '',
      GIT_PROJECT_ROOT: root,
      GIT_HTTP_EXPORT_ALL: '1',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_PROTOCOL: String(request.headers['git-protocol'] ?? ''),
      REMOTE_USER: 'somebody',
      REQUEST_METHOD: request.method ?? 'GET',
      PATH_INFO: url.pathname,
      QUERY_STRING: url.search.slice(1),
      CONTENT_TYPE: request.headers['content-type'] ?? '',
    },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  child.stdin.on('error', () => undefined);
  const zipped = request.headers['content-encoding'] === 'gzip';
  (zipped ? request.pipe(createGunzip()) : request).pipe(child.stdin);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  child.on('close', () => {
    const output = Buffer.concat(chunks);
    const end = output.indexOf('\r\n\r\n');
    const heads = output.subarray(0, end).toString('latin1').split('\r\n');
    for (const head of heads) {
      const [name = '', ...value] = head.split(': ');
      if (name.toLowerCase() === 'status') response.statusCode = Number.parseInt(value.join(), 10);
      else response.setHeader(name, value.join(': '));
    }
    response.end(output.subarray(end + 4));
  });
}
