/** A real agent CLI behind the agent port: started headless, its stream followed, its own report believed only with exit code 0. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { GumpError } from '../errors.ts';
import type { Usage } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { AgentAdapter, AgentEnd, AgentEvent, AgentOrder, ModelAccess } from '../ports/agent.ts';
import type { Enclosure, Sandbox } from '../process/enclosure.ts';
import { type ProcessOptions, type ProcessResult, spawnProcess } from '../process/spawn.ts';
import { type Cli, type CliOrder, type CliTokens, noCliTokens, type StreamReader, type Told } from './cli.ts';
import { isUnknownSession, whyFailed } from './cli-end.ts';
import { readLine } from './cli-line.ts';
import { encloseAgent } from './enclose.ts';
import { createHomes, type Homes } from './homes.ts';
import { placeFile } from './place-file.ts';
import { resultOf, schemaFor } from './result-schema.ts';
import type { ChosenUpstream } from './upstreams.ts';

export interface CliAgentOptions {
  readonly cli: Cli;
  /** Absolute path of the program. */
  readonly program: string;
  /** Common variables of every child (process/environment.ts). */
  readonly env: Readonly<Record<string, string>>;
  /** Where who may write keeps settings and sessions while models are reached through the gateway; the others' stand beside it. */
  readonly home: string;
  /** The model's name as the program takes it; null: its own choice. */
  readonly model: string | null;
  /** An upstream of the configuration's in place of the program's own. */
  readonly upstream?: ChosenUpstream;
  /** What its tokens cost, in USD; null where that is not known. */
  readonly priceOf: (tokens: CliTokens) => number | null;
  /** Null: none. */
  readonly sandbox: Sandbox | null;
}

type OnEvent = (event: AgentEvent) => Promise<void> | void;

export function createCliAgent(options: CliAgentOptions): AgentAdapter {
  /** Tokens that a session had counted before, for programs whose usage counts the whole session. */
  const counted = new Map<string, CliTokens>();
  const homes = createHomes(options.home, options.cli.conversations);
  return {
    ...(options.cli.reader().told().turns === null ? { turns: 'calls' as const } : {}),
    async launch(order, onEvent) {
      const session = sessionOf(order);
      const home = order.models === undefined ? options.home : await homes.open(order);
      const launch = { options: { ...options, home }, order, onEvent, counted };
      const first = await keeping(homes, home, await run(launch, session));
      if (session === null || !first.isUnknownSession) return first.end;
      await onEvent({ type: 'session_lost', id: session });
      const second = await keeping(homes, home, await run(launch, null));
      return { ...second.end, durationMs: first.end.durationMs + second.end.durationMs };
    },
  };
}

/** What it has held there is to be found by the next attempt, also by one of another engine. */
async function keeping(homes: Homes, home: string, ran: Ran): Promise<Ran> {
  const { sessionId } = ran.end;
  if (sessionId !== null && !ran.isUnknownSession) await homes.keep(home, sessionId);
  return ran;
}

function sessionOf({ session }: AgentOrder): string | null {
  return session.mode === 'resume' ? session.id : null;
}

interface Launch {
  readonly options: CliAgentOptions;
  readonly order: AgentOrder;
  readonly onEvent: OnEvent;
  readonly counted: Map<string, CliTokens>;
}

interface Ran {
  readonly end: AgentEnd;
  readonly isUnknownSession: boolean;
}

async function run(launch: Launch, session: string | null): Promise<Ran> {
  const { options, order } = launch;
  const wish = await wishOf(options, order, session);
  await writeSettings(options, wish);
  const reader = options.cli.reader();
  const ear = createEar(launch, { reader, session });
  const isAnew = session === null && order.session.mode === 'resume';
  const ended = await start(launch, wish, {
    stdin: isAnew ? order.promptAnew : order.prompt,
    onLine: ear.hear,
  });
  const told = reader.told();
  const problem = ear.problem();
  const error = whyFailed({ told, ended, problem });
  const usage = ear.usage();
  const sessionId = told.sessionId ?? session;
  if (sessionId !== null && options.cli.countsSession) launch.counted.set(sessionId, told.tokens);
  return {
    isUnknownSession: session !== null && !ended.aborted && isUnknownSession(told, ended),
    end: {
      outcome: ended.aborted ? 'killed' : error === null ? 'ok' : 'error',
      exitCode: ended.exitCode,
      sessionId,
      output: resultOf(order.stepKind, told),
      error,
      usage,
      durationMs: ended.durationMs,
    },
  };
}

async function wishOf(
  { home, model, sandbox, upstream }: CliAgentOptions,
  order: AgentOrder,
  session: string | null,
): Promise<CliOrder> {
  const { stepKind, access, models, scratch } = order;
  const text = schemaFor(stepKind);
  const file = join(scratch, 'schema.json');
  if (text !== null) await placeFile(scratch, 'schema.json', text);
  return {
    model,
    stepKind,
    access,
    session,
    newSession: randomUUID(),
    home,
    schema: text === null ? null : { text, file },
    models: models === undefined ? null : modelsOf(models, upstream),
    isIsolated: sandbox !== null,
  };
}

function modelsOf({ url, token }: ModelAccess, upstream: ChosenUpstream | undefined): CliOrder['models'] {
  if (upstream === undefined) return { url, token, api: null };
  return { url: () => url(upstream.name), token, api: upstream.api };
}

async function writeSettings({ cli, home }: CliAgentOptions, wish: CliOrder): Promise<void> {
  for (const [path, text] of Object.entries(cli.settings(wish))) await placeFile(home, path, text);
}

async function start(
  { options, order }: Launch,
  wish: CliOrder,
  talk: Pick<ProcessOptions, 'stdin' | 'onLine'>,
): Promise<ProcessResult> {
  const { cli, program, env, home } = options;
  const ownHome = order.models === undefined ? {} : { HOME: home };
  try {
    return await spawnProcess({
      command: [program, ...cli.args(wish)],
      cwd: order.cwd,
      env: { ...env, TERM: 'dumb', NO_COLOR: '1', ...ownHome, ...cli.env(wish) },
      ...talk,
      signal: order.signal,
      outputBytesMax: limits.outputBytesMax,
      onOutput: order.onAlive,
      sandbox: enclosureOf(options, order),
    });
  } catch (cause) {
    if (!(cause instanceof GumpError) || cause.code !== 'process') throw cause;
    throw new GumpError(`${order.agent} was not started: ${cause.message}`, { code: 'agent', cause });
  }
}

/** Through the gateway a program has a home of ours for its settings and sessions; else its own login is shown. */
function enclosureOf({ sandbox, home, cli, program }: CliAgentOptions, order: AgentOrder): Enclosure | null {
  if (sandbox === null) return null;
  const programs = [program];
  if (order.models !== undefined) return encloseAgent(sandbox, order, { programs, home });
  return encloseAgent(sandbox, order, { programs, login: cli.login });
}

interface Ear {
  hear(line: string): Promise<void>;
  usage(): Usage;
  /** What is wrong with the stream; null where nothing is. */
  problem(): string | null;
}

/** Turns lines into events: what happened at once, turns and usage whenever they have grown. */
function createEar(
  { options, onEvent, counted }: Launch,
  { reader, session }: { readonly reader: StreamReader; readonly session: string | null },
): Ear {
  const before = (session !== null && options.cli.countsSession && counted.get(session)) || noCliTokens;
  let problem: string | null = null;
  let last: Told = reader.told();

  function usageOf(told: Told): Usage {
    const tokens = less(told.tokens, before);
    const cost = told.costUsd ?? options.priceOf(tokens);
    const used = { turns: told.turns ?? 0, tokens_in: tokens.input, tokens_out: tokens.output };
    return cost === null ? { ...used, cost: 0, cost_unknown: true } : { ...used, cost };
  }

  async function tellGrowth(told: Told): Promise<void> {
    if (told.sessionId !== null && told.sessionId !== last.sessionId)
      await onEvent({ type: 'session', id: told.sessionId });
    if (told.turns !== null && told.turns !== last.turns) await onEvent({ type: 'turn', turn: told.turns });
    if (told.tokens !== last.tokens || told.costUsd !== last.costUsd)
      await onEvent({ type: 'usage', usage: usageOf(told) });
    last = told;
  }

  return {
    usage: () => usageOf(reader.told()),
    problem: () => problem,
    async hear(text) {
      if (text.trim() === '' || options.cli.skips?.(text)) return;
      const line = readLine(text);
      if ('problem' in line) {
        problem ??= line.problem;
        return;
      }
      for (const event of reader.read(line.value)) await onEvent(event);
      await tellGrowth(reader.told());
    },
  };
}

function less(a: CliTokens, b: CliTokens): CliTokens {
  return {
    input: Math.max(0, a.input - b.input),
    cacheRead: Math.max(0, a.cacheRead - b.cacheRead),
    cacheWrite: Math.max(0, a.cacheWrite - b.cacheWrite),
    output: Math.max(0, a.output - b.output),
  };
}
