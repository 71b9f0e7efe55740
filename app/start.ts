/** The App as a server: webhooks, health, a look for what was missed, and a stop that lets work finish. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Probot } from 'probot';
import { GumpError, limits } from '../src/index.ts';
import { createApp } from './app.ts';
import { createClients } from './clients.ts';
import { createLog, type Log } from './log.ts';
import { keepLooking, lookForMissed } from './missed.ts';
import { createQueue } from './queue.ts';
import { answerWith } from './server.ts';
import { type AppSettings, type Environment, readSettings } from './settings.ts';

export interface StartOptions {
  readonly env: Environment;
  /** 0: any free one. Default: PORT of the environment, else 3000. */
  readonly port?: number;
  readonly host?: string;
  /** Takes each line of the log; default stderr. */
  readonly write?: (line: string) => void;
  /** Between two looks for what was missed, the first one at once; 0: never. Default: limits.appLookMs. */
  readonly lookMs?: number;
  /** Behind the first try of an event, doubled each time; default: limits.eventBackoffMs. */
  readonly backoffMs?: number;
  /** How long `close` lets work finish; default: limits.appStopMs. */
  readonly stopMs?: number;
}

export interface RunningApp {
  /** `http://host:port`. */
  readonly url: string;
  /** Where GitHub sends its events. */
  readonly webhookUrl: string;
  /** Settles when every accepted event has been worked on. */
  idle(): Promise<void>;
  /** Asks GitHub for what never arrived or was left unfinished; gives the number of events that it sends again. */
  look(): Promise<number>;
  /** Takes no more events and finishes what was accepted; false where time ran out before. */
  close(): Promise<boolean>;
}

/** @throws GumpError `usage` with everything that the environment lacks. */
export async function startApp(options: StartOptions): Promise<RunningApp> {
  const settings = settingsOf(options.env);
  const log = openLog(settings, options.write);
  const queue = createQueue({
    itemsMax: limits.appQueueMax,
    bytesMax: limits.appQueueBytesMax,
    workersMax: limits.appWorkersMax,
  });
  const probot = new Probot(probotOptions(settings));
  await probot.ready();
  const { backoffMs = limits.eventBackoffMs } = options;
  const clients = createClients(settings, { log, retryBaseMs: backoffMs });
  const accept = createApp({ settings, queue, log, clients, backoffMs });
  const verify = (body: string, signature: string) => probot.webhooks.verify(body, signature);
  const state = { stopping: false, hasLooked: false };
  const server = createServer(
    answerWith({ webhookPath: settings.webhookPath, verify, accept, log, isStopping: () => state.stopping }),
  );
  const { host = settings.host, port = settings.port } = options;
  const url = `http://${host}:${await listen(server, { port, host })}`;
  log.info('the App listens', { url, path: settings.webhookPath });
  const look = async (): Promise<number> => {
    const found = await lookForMissed({ settings, log }, { isFirst: !state.hasLooked });
    state.hasLooked = true;
    return found;
  };
  const stopLooking = keepLooking(look, { everyMs: options.lookMs ?? limits.appLookMs, log });
  return {
    url,
    webhookUrl: `${url}${settings.webhookPath}`,
    idle: queue.idle,
    look,
    async close() {
      state.stopping = true;
      stopLooking();
      // Whoever asks meanwhile is told: health is bad, and deliveries are to be sent again.
      const isDone = await within(options.stopMs ?? limits.appStopMs, queue.idle());
      if (!isDone)
        log.error('stopped before everything was done; it is taken up again', { left: queue.size });
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
      return isDone;
    },
  };
}

function settingsOf(env: Environment): AppSettings {
  const { settings, problems } = readSettings(env);
  if (settings !== null) return settings;
  const list = problems.map((problem) => `  - ${problem}`).join('\n');
  throw new GumpError(`The App was not started:\n${list}`, { code: 'usage' });
}

function openLog({ webhookSecret, privateKey, log }: AppSettings, write?: (line: string) => void): Log {
  return createLog({
    secrets: [webhookSecret, privateKey],
    write: write ?? ((line) => void process.stderr.write(line)),
    level: log.level,
    format: log.format ?? (write === undefined && process.stderr.isTTY ? 'text' : 'json'),
  });
}

/** Probot verifies deliveries; requests are made by our own client, which paces and retries them. */
function probotOptions(settings: AppSettings): ConstructorParameters<typeof Probot>[0] {
  return {
    appId: settings.appId,
    privateKey: settings.privateKey,
    secret: settings.webhookSecret,
    baseUrl: settings.apiUrl,
    logLevel: 'fatal',
  };
}

async function within(ms: number, work: Promise<void>): Promise<boolean> {
  const timer = new AbortController();
  const late = sleep(ms, false, { signal: timer.signal }).catch(() => false);
  const isDone = await Promise.race([work.then(() => true), late]);
  timer.abort();
  return isDone;
}

async function listen(
  server: Server,
  where: { readonly port: number; readonly host: string },
): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(where.port, where.host, resolve);
  });
  return (server.address() as AddressInfo).port;
}
