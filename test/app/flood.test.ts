/** More deliveries than anybody needs: all answered, nothing kept, and no more taken than there is room for. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterEach, expect, test } from 'vitest';
import { type RunningApp, startApp } from '../../app/start.ts';
import { limits } from '../../src/limits.ts';
import {
  appEnvironment,
  command,
  examples,
  openSender,
  type Prepared,
  type Sender,
} from '../bench/deliveries.ts';

let app: RunningApp;
let sender: Sender;
let silent: Server;
afterEach(async () => {
  sender.close();
  silent.closeAllConnections();
  silent.close();
  await app.close();
});

/** An App whose GitHub takes every question and answers none. */
async function open(): Promise<void> {
  silent = createServer();
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const env = appEnvironment(`http://127.0.0.1:${(silent.address() as AddressInfo).port}/api/v3`);
  const quiet = { lookMs: 0, stopMs: 10, write: () => undefined };
  app = await startApp({ env, host: '127.0.0.1', port: 0, ...quiet });
  sender = openSender(app.webhookUrl);
}

async function statuses(all: readonly Prepared[]): Promise<Readonly<Record<number, number>>> {
  const counts: Record<number, number> = {};
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let one = all[next++]; one; one = all[next++]) {
      const { status } = await sender.send(one);
      counts[status] = (counts[status] ?? 0) + 1;
    }
  };
  await Promise.all(Array.from({ length: 16 }, worker));
  return counts;
}

/** Bytes in use when nothing is left to collect. */
function heap(): number {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
  return process.memoryUsage().heapUsed;
}

test('what asks for nothing is answered and leaves nothing behind', async () => {
  await open();
  const all = examples();
  const round = Array.from({ length: 600 }, (_, index) => all[index % all.length]).filter((one) => !!one);
  await statuses(round);
  const before = heap();
  expect(await statuses([...round, ...round])).toEqual({ 200: 1_200 });
  // Each had 15 KB: kept, they would be 18 MB.
  expect(heap() - before).toBeLessThan(8 * 1024 * 1024);
}, 60_000);

test('commands that GitHub lets wait are kept up to a limit, and put off beyond it', async () => {
  await open();
  const more = 60;
  const all = Array.from({ length: limits.appQueueMax + more }, (_, index) => command(index + 1));
  expect(await statuses(all)).toEqual({ 202: limits.appQueueMax, 503: more });
  expect(await statuses(examples().slice(0, 50))).toEqual({ 200: 50 });
}, 60_000);
