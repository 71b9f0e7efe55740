import http from 'node:http';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { createGate } from '../../src/gateway/gate.ts';
import { openGateway } from '../../src/gateway/gateway.ts';
import { claudeAnswer, sendJson, startService } from './upstream.fixture.ts';

const mebibyte = 1024 * 1024;

it.each([
  ['a stream of 1 GiB', 'stream', 1024 * mebibyte],
  ['a line of 100 MiB', 'line', 100 * mebibyte],
])('passes %s on in under 150 MB of memory, and reads the usage behind it', async (_, kind, bytes) => {
  const program = join(import.meta.dirname, 'flood.program.ts');
  const { stdout } = await execa(process.execPath, [program, kind, String(bytes)]);
  const { receivedBytes, grownBytes, total } = JSON.parse(stdout);
  expect(receivedBytes).toBeGreaterThanOrEqual(bytes);
  expect(grownBytes).toBeLessThan(150 * mebibyte);
  expect(total).toMatchObject({ tokens_in: 7, tokens_out: 8 });
});

it('serves 10,000 calls over 2,000 connections at once one batch after another, and none of them is lost or booked twice', async () => {
  let atOnce = 0;
  let most = 0;
  const service = await startService(async (answer) => {
    most = Math.max(most, ++atOnce);
    await new Promise((resolve) => setImmediate(resolve));
    atOnce--;
    sendJson(answer, claudeAnswer(1, 1));
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
  const agent = new http.Agent({ keepAlive: true, maxSockets: 2_000 });
  const headers = { 'x-api-key': account.token };
  const call = () =>
    new Promise<number>((resolve, reject) => {
      const asked = http.request(`${account.url('anthropic')}/v1/messages`, {
        method: 'POST',
        agent,
        headers,
      });
      asked.once('error', reject);
      asked.once('response', (answer) => answer.resume().once('end', () => resolve(answer.statusCode ?? 0)));
      asked.end('{"model":"m"}');
    });
  const statuses = await Promise.all(Array.from({ length: 10_000 }, call));
  await account.close();
  expect(statuses.every((status) => status === 200)).toBe(true);
  expect(account.total()).toMatchObject({ tokens_in: 10_000, tokens_out: 10_000 });
  expect(most).toBeLessThanOrEqual(32);
  agent.destroy();
  await gateway.close();
  await service.close();
});

it('tells those to come back for whom there is no room to wait', async () => {
  const gate = createGate(1, 1);
  const { signal } = new AbortController();
  const first = await gate.enter(signal);
  const second = gate.enter(signal);
  expect(await gate.enter(signal)).toBeNull();
  first?.();
  const leave = await second;
  expect(leave).not.toBeNull();
  leave?.();
  leave?.();
  const both = [await gate.enter(signal), gate.enter(signal)];
  expect(both[0]).not.toBeNull();
});
