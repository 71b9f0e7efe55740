/** A real agent CLI behind the agent port: started headless, its stream followed, its own report believed only with exit code 0. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { AgentAdapter, AgentEnd, AgentEvent, AgentOrder, ModelAccess } from '../ports/agent.ts';
import type { Enclosure, Sandbox } from '../process/enclosure.ts';
import { type ProcessOptions, type ProcessResult, spawnProcess } from '../process/spawn.ts';
import type { Cli, CliOrder } from './cli.ts';
import { createEar } from './cli-ear.ts';
import { isUnknownSession, whyFailed } from './cli-end.ts';
import { encloseAgent } from './enclose.ts';
import { createHomes, type Homes } from './homes.ts';
import { placeFile } from './place-file.ts';
import { resultOf, schemaFor } from './result-schema.ts';
import { type CliTokens, noCliTokens } from './tokens.ts';
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
  /** Tokens that sessions had counted before, by id, for programs whose usage counts the whole session; one for all agents. */
  readonly counted: Map<string, CliTokens>;
  /** Null: none. */
  readonly sandbox: Sandbox | null;
}

type OnEvent = (event: AgentEvent) => Promise<void> | void;

export function createCliAgent(options: CliAgentOptions): AgentAdapter {
  const homes = createHomes(options.home, options.cli.conversations);
  return {
    ...(options.cli.reader().told().turns === null ? { turns: 'calls' as const } : {}),
    async launch(order, onEvent) {
      const session = sessionOf(order);
      const home = order.models === undefined ? options.home : await homes.open(order);
      const launch = { options: { ...options, home }, order, onEvent, counted: options.counted };
      const runKept = async (id: string | null) => keeping(homes, launch, await run(launch, id));
      const isElsewhere = session !== null && (await wouldLeave(homes, launch, session));
      const first = isElsewhere ? null : await runKept(session);
      if (first !== null && (session === null || !first.isUnknownSession)) return first.end;
      await onEvent({ type: 'session_lost', id: session ?? '' });
      const second = await runKept(null);
      return { ...second.end, durationMs: (first?.end.durationMs ?? 0) + second.end.durationMs };
    },
  };
}

/** What it has held there is to be found by the next attempt, also by one of another engine. */
async function keeping(homes: Homes, { options: { home }, order: { cwd } }: Launch, ran: Ran): Promise<Ran> {
  const { sessionId } = ran.end;
  if (sessionId !== null && !ran.isUnknownSession) await homes.keep(sessionId, { home, cwd });
  return ran;
}

/** Some programs go on with a session in the tree where it was held, wherever they are started: that is another task's. */
async function wouldLeave(homes: Homes, { options, order }: Launch, session: string): Promise<boolean> {
  if (!options.cli.staysInTree) return false;
  const tree = await homes.treeOf(session);
  return tree !== null && tree !== order.cwd;
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
  const counted = session !== null && options.cli.countsSession ? launch.counted.get(session) : undefined;
  const ear = createEar({
    ...{ reader, before: counted ?? noCliTokens },
    ...{ priceOf: options.priceOf, onEvent: launch.onEvent },
  });
  const isAnew = session === null && order.session.mode === 'resume';
  const ended = await start(launch, wish, {
    stdin: isAnew ? order.promptAnew : order.prompt,
    onLine: ear.hear,
    wantsLine: ear.wants,
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
      printed: ended.stdout,
      ...(told.costUsd === null || told.costUsd === 0 ? {} : { toldCostUsd: told.costUsd }),
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
  talk: Pick<ProcessOptions, 'stdin' | 'onLine' | 'wantsLine'>,
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
      outputBytesMax: limits.agentLogBytesMax,
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
