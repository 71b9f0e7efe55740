/** What the gateway adds to a model's answer, beside a direct connection in the same run. */
import http from 'node:http';
import { openGateway } from '../../src/gateway/gateway.ts';
import { startService } from '../gateway/upstream.fixture.ts';
import { type Figure, median } from './figure.ts';

const calls = 300;
const streamBytes = 256 * 1024 * 1024;
const rounds = 5;

export async function gatewayFigures(): Promise<readonly Figure[]> {
  const service = await startService((answer, { body }) => {
    const { model } = JSON.parse(body);
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    if (model === 'short') answer.end('data: {"usage":{"output_tokens":1}}\n\n');
    else pour(answer, streamBytes);
  });
  const gateway = await openGateway({
    upstreams: { anthropic: { baseUrl: service.url, keyIn: 'header:x-api-key', key: 'key' } },
    modelFacts: () => null,
  });
  const account = gateway.open({
    left: () => [],
    onSpent: async () => undefined,
    onRefused: async () => undefined,
    onCall: async () => undefined,
    onHopeless: async () => undefined,
  });
  const ways = { direct: service.url, through: account.url('anthropic') };
  const ask = (url: string, model: string) => request(`${url}/v1/messages`, account.token, model);
  try {
    return [await latency(ways, ask), await throughput(ways, ask)];
  } finally {
    await account.close();
    await gateway.close();
    await service.close();
  }
}

const line = Buffer.from(`data: {"type":"content_block_delta","delta":{"text":"${'x'.repeat(200)}"}}\n\n`);
const piece = Buffer.concat(Array.from({ length: 256 }, () => line));

function pour(answer: http.ServerResponse, bytes: number): void {
  let sent = 0;
  const more = (): void => {
    while (sent < bytes) {
      sent += piece.length;
      if (!answer.write(piece)) return void answer.once('drain', more);
    }
    answer.end('data: {"usage":{"output_tokens":1}}\n\n');
  };
  more();
}

type Ways = Readonly<Record<'direct' | 'through', string>>;
type Ask = (url: string, model: string) => Promise<{ readonly firstMs: number; readonly wholeMs: number }>;

const agent = new http.Agent({ keepAlive: true });

function request(url: string, token: string, model: string): ReturnType<Ask> {
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const asked = http.request(url, { method: 'POST', agent, headers: { 'x-api-key': token } });
    asked.once('error', reject);
    asked.once('response', (answer) => {
      let firstMs = 0;
      answer.on('data', () => {
        firstMs ||= performance.now() - startMs;
      });
      answer.once('end', () => resolve({ firstMs, wholeMs: performance.now() - startMs }));
    });
    asked.end(JSON.stringify({ model }));
  });
}

async function latency({ direct, through }: Ways, ask: Ask): Promise<Figure> {
  const times = { direct: [] as number[], through: [] as number[] };
  for (let call = 0; call < calls; call++) {
    times.direct.push((await ask(direct, 'short')).firstMs);
    times.through.push((await ask(through, 'short')).firstMs);
  }
  return {
    name: 'first byte of an answer through the gateway, p95',
    value: p95(times.through),
    unit: 'ms',
    baseline: { name: 'direct, p95', value: p95(times.direct) },
    note: 'goal: at most 3 ms more',
  };
}

function p95(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)] ?? Number.NaN;
}

async function throughput({ direct, through }: Ways, ask: Ask): Promise<Figure> {
  const times = { direct: [] as number[], through: [] as number[] };
  // In turns: one measurement is the machine's mood.
  for (let round = 0; round < rounds; round++) {
    times.direct.push((await ask(direct, 'long')).wholeMs);
    times.through.push((await ask(through, 'long')).wholeMs);
  }
  const [bare, ours] = [median(times.direct), median(times.through)];
  const perSecond = Math.round(streamBytes / 1e6 / (ours / 1000));
  return {
    name: `stream of ${streamBytes / 1024 / 1024} MiB through the gateway`,
    value: ours,
    unit: 'ms',
    baseline: { name: 'direct', value: bare },
    note: `${perSecond} MB/s, service and client in the same process`,
  };
}
