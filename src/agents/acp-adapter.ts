/** Every agent that speaks the Agent Client Protocol, behind the agent port. Its permission requests are answered by our rules. */
import { realpath } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { RequestError } from '@agentclientprotocol/sdk';
import { GumpError } from '../errors.ts';
import type { Usage } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { AgentAdapter, AgentEnd, AgentEvent, AgentOrder } from '../ports/agent.ts';
import type { Sandbox } from '../process/enclosure.ts';
import { type ProcessResult, spawnProcess } from '../process/spawn.ts';
import { judge, optionFor, type Rules } from './acp-permission.ts';
import { startTalk, type Talk } from './acp-talk.ts';
import { readUpdates, type Updates } from './acp-updates.ts';
import { type CliTokens, type JsonObject, objectIn, type Told } from './cli.ts';
import { whyFailed } from './cli-end.ts';
import { readLine } from './cli-line.ts';
import { encloseAgent } from './enclose.ts';
import { resultOf } from './result-schema.ts';

export interface AcpAgentOptions {
  /** Program and arguments. */
  readonly command: readonly string[];
  /** The whole environment. */
  readonly env: (order: AgentOrder) => Readonly<Record<string, string>>;
  readonly upstream?: string;
  /** What its tokens cost, in USD; null where that is not known. */
  readonly priceOf: (tokens: CliTokens) => number | null;
  /** Null: none. */
  readonly sandbox: Sandbox | null;
  /** Of ours, for the agent to know whom it talks to. */
  readonly version: string;
}

type OnEvent = (event: AgentEvent) => Promise<void> | void;

export function createAcpAgent(options: AcpAgentOptions): AgentAdapter {
  return {
    ...(options.upstream === undefined ? {} : { upstream: options.upstream }),
    turns: 'calls',
    hidesErrors: true,
    launch: (order, onEvent) => launch(options, order, onEvent),
  };
}

/** In the first, an agent asks before it acts; in the second it can change nothing. */
const askingModes = ['default', 'ask', 'agent', 'act', 'read-only'];
const readingModes = ['plan', 'read-only', 'default'];

async function launch(options: AcpAgentOptions, order: AgentOrder, onEvent: OnEvent): Promise<AgentEnd> {
  const updates = readUpdates();
  const line = createLine(options, { order, onEvent, updates, cwd: await realpath(order.cwd) });
  const leave = new AbortController();
  const ended = await start(options, order, {
    signal: AbortSignal.any([order.signal, leave.signal]),
    onLine: line.hear,
    onStart: (stdin) => line.open(stdin, () => leave.abort()),
  });
  line.close();
  const told = await line.told();
  // Who stays behind a good answer, though its input has ended, is sent away; that is no failure of its.
  const wasSentAway = ended.aborted && !order.signal.aborted;
  const end = { ...ended, aborted: order.signal.aborted && ended.aborted };
  const error = whyFailed({
    told,
    ended: wasSentAway ? { ...end, exitCode: 0, signal: null } : end,
    problem: line.problem(),
  });
  return {
    outcome: end.aborted ? 'killed' : error === null ? 'ok' : 'error',
    exitCode: ended.exitCode,
    sessionId: told.sessionId,
    output: resultOf(order.stepKind, told),
    error,
    usage: usageOf(options, told),
    durationMs: ended.durationMs,
  };
}

function usageOf({ priceOf }: AcpAgentOptions, { tokens }: Told): Usage {
  const used = { turns: 0, tokens_in: tokens.input, tokens_out: tokens.output };
  const cost = priceOf(tokens);
  return cost === null ? { ...used, cost: 0, cost_unknown: true } : { ...used, cost };
}

interface Starting {
  readonly signal: AbortSignal;
  readonly onLine: (line: string) => Promise<void>;
  readonly onStart: (stdin: Writable) => void;
}

async function start(
  options: AcpAgentOptions,
  order: AgentOrder,
  starting: Starting,
): Promise<ProcessResult> {
  try {
    return await spawnProcess({
      command: options.command,
      cwd: order.cwd,
      env: options.env(order),
      sandbox: options.sandbox ? encloseAgent(options.sandbox, order, { programs: options.command }) : null,
      outputBytesMax: limits.outputBytesMax,
      onOutput: order.onAlive,
      ...starting,
    });
  } catch (cause) {
    if (!(cause instanceof GumpError) || cause.code !== 'process') throw cause;
    throw new GumpError(`${order.agent} was not started: ${cause.message}`, { code: 'agent', cause });
  }
}

interface Line {
  open(stdin: Writable, sendAway: () => void): void;
  hear(text: string): Promise<void>;
  close(): void;
  told(): Promise<Told>;
  problem(): string | null;
}

interface LineParts {
  readonly order: AgentOrder;
  readonly onEvent: OnEvent;
  readonly updates: Updates;
  /** Without links. */
  readonly cwd: string;
}

/** Both directions of the conversation: updates are read here in their order, everything else is the protocol's. */
function createLine(options: AcpAgentOptions, { order, onEvent, updates, cwd }: LineParts): Line {
  let talk: Talk | null = null;
  let outcome: Promise<void> = Promise.resolve();
  let isLive = false;
  let sessionId: string | null = null;
  let failure: string | null = null;
  let problem: string | null = null;
  const rules: Rules = {
    cwd,
    access: order.access,
    mayWrite: order.mayWrite ?? (() => true),
    isIsolated: options.sandbox !== null,
  };

  async function permit(request: JsonObject): Promise<string | null> {
    updates.interrupt();
    const { isAllowed, writes } = judge(objectIn(request, 'toolCall'), rules);
    if (!isAllowed) for (const path of writes) await onEvent({ type: 'write', path, denied: true });
    return optionFor(request.options, isAllowed);
  }

  async function follow(started: Talk, stdin: Writable, sendAway: () => void): Promise<void> {
    try {
      updates.end(await started.answer);
    } catch (error) {
      failure = failureOf(error);
    } finally {
      stdin.end();
      setTimeout(sendAway, limits.agentLeaveMs).unref();
    }
  }

  return {
    problem: () => problem,
    open(stdin, sendAway) {
      talk = startTalk({
        cwd,
        prompt: order.prompt,
        session: order.session.mode === 'resume' ? order.session.id : null,
        modes: order.access === 'read-write' ? askingModes : readingModes,
        version: options.version,
        send: (message) => void stdin.write(`${JSON.stringify(message)}\n`),
        permit,
        onSession(id) {
          sessionId = id;
          return onEvent({ type: 'session', id });
        },
        onLost: () => onEvent({ type: 'notice', message: lostSession(order) }),
        onPrompt() {
          isLive = true;
        },
      });
      outcome = follow(talk, stdin, sendAway);
    },
    async hear(text) {
      if (text.trim() === '') return;
      const line = readLine(text);
      if ('problem' in line) {
        problem ??= line.problem;
        return;
      }
      if (line.value.method !== 'session/update') return talk?.receive(line.value);
      if (!isLive) return;
      for (const event of updates.read(objectIn(line.value, 'params', 'update'))) await onEvent(event);
    },
    close: () => talk?.hangUp(),
    async told() {
      await outcome;
      const told = updates.told();
      if (failure === null || told.report !== null) return { ...told, sessionId };
      return { ...told, sessionId, report: { ok: false, error: failure } };
    },
  };
}

/** An error of the protocol carries what the agent knows beside its message. */
function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const data = error instanceof RequestError && error.data !== undefined ? JSON.stringify(error.data) : '';
  return [error.message, data.slice(0, 500)].filter((part) => part !== '').join(': ');
}

function lostSession({ agent, session }: AgentOrder): string {
  const id = session.mode === 'resume' ? session.id : '';
  return `the session ${id} of ${agent} was not found; a new one begins`;
}
