/** The App under a flood: how long an answer takes at 500 deliveries a second, and what 100,000 of them leave in memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { appEnvironment, examples, openSender, type Prepared, type Sender } from './deliveries.ts';
import type { Figure } from './figure.ts';

const perSecond = 500;
const pacedDeliveries = 10_000;
const deliveriesInAll = 100_000;
const settleDeliveries = 10_000;

export async function webhookFigures(): Promise<readonly Figure[]> {
  const all = examples();
  const bare = await startBare();
  const app = await startApp();
  const [direct, through] = [openSender(bare.url), openSender(app.url)];
  try {
    await flood(through, all, settleDeliveries);
    const paced = { direct: await pace(direct, all), through: await pace(through, all) };
    const [before, cpuBefore] = [memoryOf(app.child), cpuMsOf(app.child)];
    const rest = deliveriesInAll - settleDeliveries - pacedDeliveries;
    const seconds = await flood(through, all, rest);
    const [after, cpuAfter] = [memoryOf(app.child), cpuMsOf(app.child)];
    return [
      {
        name: `a webhook's answer at ${perSecond} deliveries/s, p99`,
        value: percentile(paced.through, 0.99),
        unit: 'ms',
        baseline: { name: 'a server that only reads, p99', value: percentile(paced.direct, 0.99) },
        note: `goal: 50 ms; p50 ${percentile(paced.through, 0.5).toFixed(2)} ms`,
      },
      {
        name: 'processor time of a delivery',
        value: (cpuAfter - cpuBefore) / rest,
        unit: 'ms',
        baseline: null,
        note: `at ${perSecond}/s a core is busy for so many times ${perSecond} ms of each second`,
      },
      {
        name: `memory of the App after ${deliveriesInAll} deliveries`,
        value: after,
        unit: 'count',
        baseline: { name: `after ${settleDeliveries + pacedDeliveries}`, value: before },
        note: `MiB; ${Math.round(rest / seconds)} deliveries/s as fast as it takes them`,
      },
    ];
  } finally {
    direct.close();
    through.close();
    app.child.kill('SIGKILL');
    bare.server.close();
    bare.server.closeAllConnections();
  }
}

async function startBare(): Promise<{ readonly url: string; readonly server: Server }> {
  const server = createServer((request, response) => {
    request.resume();
    request.once('end', () => response.end('ok'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, server };
}

/** In a process of its own, as `npm run app` does; no GitHub is there, and none is asked. */
async function startApp(): Promise<{ readonly url: string; readonly child: ChildProcess }> {
  const program = `import { startApp } from ${JSON.stringify(path.resolve(import.meta.dirname, '../../app/start.ts'))};
    const app = await startApp({ env: process.env, host: '127.0.0.1', port: 0, lookMs: 0 });
    console.log(app.webhookUrl);`;
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    env: { PATH: process.env.PATH, ...appEnvironment('http://127.0.0.1:9') },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    child.stdout?.once('data', (chunk) => resolve(String(chunk).trim()));
    child.once('exit', (code) => reject(new Error(`the App ended with ${code}`)));
  });
  return { url, child };
}

/** Sent at their time whether or not earlier ones were answered: waiting for answers would hide what is slow. */
async function pace(sender: Sender, all: readonly Prepared[]): Promise<readonly number[]> {
  const times: Promise<number>[] = [];
  const startMs = performance.now();
  while (times.length < pacedDeliveries) {
    const due = Math.min(pacedDeliveries, ((performance.now() - startMs) / 1_000) * perSecond);
    while (times.length < due) times.push(sent(sender, all, times.length));
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  return await Promise.all(times);
}

async function sent(sender: Sender, all: readonly Prepared[], number: number): Promise<number> {
  const one = all[number % all.length];
  if (!one) throw new Error('there are no examples');
  const { status, ms } = await sender.send(one);
  if (status !== 200 && status !== 202) throw new Error(`a delivery was answered with ${status}`);
  return ms;
}

/** Seconds that it took. */
async function flood(sender: Sender, all: readonly Prepared[], count: number): Promise<number> {
  const startMs = performance.now();
  let number = 0;
  const worker = async (): Promise<void> => {
    while (number < count) await sent(sender, all, number++);
  };
  await Promise.all(Array.from({ length: 32 }, worker));
  return (performance.now() - startMs) / 1_000;
}

/** Resident, in MiB. */
function memoryOf({ pid }: ChildProcess): number {
  const [, kilobytes] = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1024;
}

/** User and system; the clock of the kernel ticks a hundred times a second. */
function cpuMsOf({ pid }: ChildProcess): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

function percentile(values: readonly number[], share: number): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length * share)] ?? Number.NaN;
}
