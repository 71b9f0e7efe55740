/** A registry of npm packages for tests: a real HTTP server with packages that are packed here. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http, { type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

export interface Published {
  readonly name: string;
  readonly version: string;
  /** Of package.json, beside name and version. */
  readonly more?: object;
  /** By path; every file may be executed. */
  readonly files?: Readonly<Record<string, string>>;
}

export interface Registry {
  readonly url: string;
  /** `GET /path` of every request. */
  readonly asked: string[];
  /** What is done instead of answering with a package's file; null: it is answered. */
  onFile: ((answer: ServerResponse, file: Buffer) => void) | null;
  close(): Promise<void>;
}

export async function startRegistry(packages: readonly Published[]): Promise<Registry> {
  const files = new Map(packages.map((one) => [fileName(one), pack(one)]));
  const asked: string[] = [];
  const registry = { onFile: null as Registry['onFile'] };
  const server = http.createServer(({ url = '' }, answer) => {
    const path = decodeURIComponent(url.split('?')[0] ?? '');
    asked.push(path);
    const file = files.get(path.slice('/files/'.length));
    if (file && path.startsWith('/files/')) {
      if (registry.onFile) return registry.onFile(answer, file);
      return void answer.end(file);
    }
    const own = packages.filter(({ name }) => `/${name}` === path);
    if (own.length === 0) return void answer.writeHead(404).end('{}');
    const versions = own.map((one) => [one.version, manifest(one, `http://127.0.0.1:${port()}`, files)]);
    const tags = { latest: own.at(-1)?.version };
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.end(
      JSON.stringify({ name: own[0]?.name, 'dist-tags': tags, versions: Object.fromEntries(versions) }),
    );
  });
  const port = () => (server.address() as AddressInfo).port;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', () => resolve()));
  return Object.assign(registry, {
    url: `http://127.0.0.1:${port()}`,
    asked,
    async close() {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  });
}

function fileName({ name, version }: Published): string {
  return `${name.replaceAll('/', '+')}-${version}.tgz`;
}

function packageJson({ name, version, more = {} }: Published): object {
  return { name, version, ...more };
}

function manifest(one: Published, url: string, files: ReadonlyMap<string, Buffer>): object {
  const file = files.get(fileName(one)) ?? Buffer.alloc(0);
  const integrity = `sha512-${createHash('sha512').update(file).digest('base64')}`;
  return {
    ...packageJson(one),
    dist: { tarball: `${url}/files/${encodeURIComponent(fileName(one))}`, integrity },
  };
}

function pack(one: Published): Buffer {
  const dir = mkdtempSync(join(tmpdir(), 'gump-pack-'));
  try {
    const texts = { 'package.json': JSON.stringify(packageJson(one)), ...one.files };
    for (const [path, text] of Object.entries(texts)) {
      mkdirSync(dirname(join(dir, 'package', path)), { recursive: true });
      writeFileSync(join(dir, 'package', path), text, { mode: 0o755 });
    }
    execFileSync('tar', ['-czf', join(dir, 'file.tgz'), '-C', dir, 'package']);
    return readFileSync(join(dir, 'file.tgz'));
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}
