/** An agent of somebody's own behind the agent port: any program that reads a prompt and works in its directory. */
import type { AgentConfig } from '../config/config.ts';
import { GumpError } from '../errors.ts';
import type { Usage } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { AgentAdapter, AgentEnd, AgentOrder } from '../ports/agent.ts';
import type { Sandbox } from '../process/enclosure.ts';
import { findProgram } from '../process/program.ts';
import { type ProcessResult, spawnProcess } from '../process/spawn.ts';
import { encloseAgent } from './enclose.ts';
import { type ChosenUpstream, modelVariables } from './upstreams.ts';

export interface CommandAgentOptions {
  /** The name in `[agents.<name>]`. */
  readonly name: string;
  readonly config: AgentConfig & { readonly command: readonly string[] };
  /** The environment of every agent: holds no secret of ours (R10). */
  readonly env: Readonly<Record<string, string>>;
  /** Where the variables are taken from that `env` of the configuration names. */
  readonly source: Readonly<Record<string, string | undefined>>;
  /** Null or absent: none. */
  readonly sandbox?: Sandbox | null;
  /** Where its models are reached; absent: nobody knows what it uses. */
  readonly upstream?: ChosenUpstream;
}

/**
 * The prompt comes on standard input, what is printed is the answer, exit code 0 is success. Beside it the program finds
 * `GUMP_AGENT` (the name as the workflow says it), `GUMP_MODEL` where one is named, `GUMP_STEP`, `GUMP_ATTEMPT`,
 * `GUMP_ACCESS` (`read-write`, `read-only`, `none`) and `GUMP_RESULT_FILE` (where a split or validate result may go).
 * With an `upstream` it also finds the gateway: `GUMP_MODEL_URL` and `GUMP_MODEL_TOKEN`, and the same in the variables of
 * that API, such as `OPENAI_BASE_URL` and `OPENAI_API_KEY`; its calls are counted there. Without one nobody knows what it
 * costs. It keeps no sessions.
 */
export function createCommandAgent(options: CommandAgentOptions): AgentAdapter {
  const { upstream } = options;
  const counted = upstream && { upstream: upstream.name, turns: 'calls' as const };
  return {
    ...(counted ?? { costUnknown: true as const }),
    launch: async (order, onEvent) => {
      await onEvent({ type: 'turn', turn: 1 });
      // Before it starts, so that an engine that is lost meanwhile leaves no cost behind that looks known.
      if (!upstream) await onEvent({ type: 'usage', usage: unknownUsage });
      const ended = await start(options, order);
      const output = ended.stdout.trimEnd();
      if (output !== '') await onEvent({ type: 'text', text: output });
      return endOf(options, ended, output);
    },
  };
}

/** One launch is one turn; what happened in it, only the program knows. */
const unknownUsage: Usage = { turns: 1, tokens_in: 0, tokens_out: 0, cost: 0, cost_unknown: true };

/** Through the gateway, the gateway says it. */
function usageOf({ upstream }: CommandAgentOptions): Usage {
  return upstream ? { turns: 0, tokens_in: 0, tokens_out: 0, cost: 0 } : unknownUsage;
}

async function start(options: CommandAgentOptions, order: AgentOrder): Promise<ProcessResult> {
  const { sandbox, config } = options;
  const { command } = config;
  try {
    return await spawnProcess({
      command,
      cwd: order.cwd,
      env: environmentOf(options, order),
      stdin: order.prompt,
      signal: order.signal,
      outputBytesMax: limits.resultBytesMax,
      onOutput: order.onAlive,
      sandbox: sandbox ? encloseAgent(sandbox, order, { programs: filesOf(options) }) : null,
    });
  } catch (cause) {
    if (!(cause instanceof GumpError) || cause.code !== 'process') throw cause;
    const hint = cause.hint === undefined ? {} : { hint: cause.hint };
    const message = `The agent ${options.name} was not started: ${cause.message}`;
    throw new GumpError(message, { code: 'agent', cause, ...hint });
  }
}

/** The program where it is, and whatever of its arguments is a file. */
function filesOf({ config, env }: CommandAgentOptions): readonly string[] {
  const [program = '', ...args] = config.command;
  const found = findProgram(program, env.PATH ?? '');
  return found === null ? args : [found, ...args];
}

function environmentOf(
  { name, config, env, source, upstream }: CommandAgentOptions,
  order: AgentOrder,
): Record<string, string> {
  const passed = (config.env ?? []).flatMap((variable): [string, string][] => {
    const value = source[variable];
    return value === undefined ? [] : [[variable, value]];
  });
  const model = config.model ?? (order.agent.slice(name.length + 1) || undefined);
  return {
    ...env,
    ...Object.fromEntries(passed),
    ...modelVariables(order, upstream),
    GUMP_AGENT: order.agent,
    GUMP_STEP: order.step,
    GUMP_ATTEMPT: String(order.attempt),
    GUMP_ACCESS: order.access,
    GUMP_RESULT_FILE: order.resultFile,
    ...(model === undefined ? {} : { GUMP_MODEL: model }),
  };
}

function endOf(options: CommandAgentOptions, ended: ProcessResult, output: string): AgentEnd {
  const { name, config } = options;
  const error = failure(config.command[0] ?? name, ended);
  return {
    outcome: ended.aborted ? 'killed' : error === null ? 'ok' : 'error',
    exitCode: ended.exitCode,
    sessionId: null,
    output,
    error,
    usage: usageOf(options),
    durationMs: ended.durationMs,
  };
}

/** Why this is no success; null when it is one. */
function failure(program: string, ended: ProcessResult): string | null {
  if (ended.aborted) return 'the agent was stopped';
  if (ended.signal) return `\`${program}\` was ended by ${ended.signal}${because(ended)}`;
  return ended.exitCode === 0
    ? null
    : `\`${program}\` ended with exit code ${ended.exitCode}${because(ended)}`;
}

/** Programs say on standard error what went wrong, and those that do not, on standard output. */
function because({ stdout, stderr }: ProcessResult): string {
  const said = (stderr.trim() === '' ? stdout : stderr).trim().split('\n').slice(-causeLinesMax).join('\n');
  return said === '' ? '' : `: ${said.slice(-limits.errorContextBytesMax)}`;
}

const causeLinesMax = 20;
