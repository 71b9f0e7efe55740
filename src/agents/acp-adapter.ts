/** Every agent that speaks the Agent Client Protocol, behind the agent port. Its permission requests are answered by our rules. */
import { realpath } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { GumpError } from '../errors.ts';
import type { Usage } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { AgentAdapter, AgentEnd, AgentEvent, AgentOrder } from '../ports/agent.ts';
import type { Sandbox } from '../process/enclosure.ts';
import { type ProcessResult, spawnProcess } from '../process/spawn.ts';
import { createLine } from './acp-line.ts';
import type { Told } from './cli.ts';
import { whyFailed } from './cli-end.ts';
import { encloseAgent } from './enclose.ts';
import { resultOf } from './result-schema.ts';
import type { CliTokens } from './tokens.ts';

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
    ...(options.upstream === undefined ? { ownLogin: 'end' as const } : { upstream: options.upstream }),
    turns: 'calls',
    hidesErrors: true,
    launch: (order, onEvent) => launch(options, order, onEvent),
  };
}

async function launch(options: AcpAgentOptions, order: AgentOrder, onEvent: OnEvent): Promise<AgentEnd> {
  const cwd = await realpath(order.cwd);
  const line = createLine({
    ...{ order, onEvent, cwd, version: options.version },
    isIsolated: options.sandbox !== null,
  });
  const leave = new AbortController();
  const stop = () => void line.cancel().then(() => leave.abort());
  if (order.signal.aborted) leave.abort();
  order.signal.addEventListener('abort', stop, { once: true });
  const ended = await start(options, order, {
    signal: leave.signal,
    onLine: line.hear,
    onStart: (stdin) => line.open(stdin, () => leave.abort()),
  });
  order.signal.removeEventListener('abort', stop);
  line.close();
  const told = await line.told();
  // Who stays behind a good answer, though its input has ended, is sent away; that is no failure of its.
  const wasSentAway = ended.aborted && !order.signal.aborted;
  // Whoever ends by itself behind a cancel was stopped all the same.
  const end = { ...ended, aborted: order.signal.aborted && (ended.aborted || line.wasCancelled()) };
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
    printed: ended.stdout,
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
      outputBytesMax: limits.agentLogBytesMax,
      onOutput: order.onAlive,
      ...starting,
    });
  } catch (cause) {
    if (!(cause instanceof GumpError) || cause.code !== 'process') throw cause;
    throw new GumpError(`${order.agent} was not started: ${cause.message}`, { code: 'agent', cause });
  }
}
