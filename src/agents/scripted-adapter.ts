/** The scripted agent behind the agent port: a real child process that plays a rule, for rehearsals and demos. */

import { GumpError } from '../errors.ts';
import type { Usage } from '../events/event.ts';
import { limits } from '../limits.ts';
import type { AgentAdapter, AgentEnd, AgentEvent, AgentOrder } from '../ports/agent.ts';
import type { Sandbox } from '../process/enclosure.ts';
import { type ProcessOptions, type ProcessResult, spawnProcess } from '../process/spawn.ts';
import { encloseAgent } from './enclose.ts';
import { type AgentScript, chooseRule, type Rule, type Situation } from './script.ts';
import { type Play, readStreamLine, type StreamLine } from './stream.ts';

export interface ScriptedAgentOptions {
  readonly script: AgentScript;
  /** The command and its first arguments that start `runScriptedAgent` in a process of its own. */
  readonly self: readonly string[];
  /** The whole environment of the process. */
  readonly env: Readonly<Record<string, string>>;
  /** Null or absent: none. */
  readonly sandbox?: Sandbox | null;
}

/** An agent that answers to every name with what the first fitting rule of the script says. */
export function createScriptedAgent(options: ScriptedAgentOptions): AgentAdapter {
  return {
    launch: (order, onEvent) => {
      const situation = situationOf(order);
      const rule = chooseRule(options.script, situation);
      if (!rule) return Promise.resolve(noRule(options.script, situation));
      return play({ options, order, rule, onEvent });
    },
  };
}

function situationOf({ step, attempt, agent, session }: AgentOrder): Situation {
  return { step, attempt, agent, session: session.mode === 'new' ? 'new' : 'resumed' };
}

function noRule(script: AgentScript, { step, attempt, agent, session }: Situation): AgentEnd {
  const where = `step ${step}, attempt ${attempt}, agent ${agent}, ${session} session`;
  return {
    outcome: 'error',
    exitCode: 1,
    sessionId: null,
    output: '',
    error: `no rule of ${script.file} fits ${where}; add one under \`rules:\`, for example \`- {step: "${step}", attempt: ${attempt}, turns: [{say: "…"}]}\``,
    usage: nothing,
    durationMs: 0,
  };
}

interface Launch {
  readonly options: ScriptedAgentOptions;
  readonly order: AgentOrder;
  readonly rule: Rule;
  readonly onEvent: (event: AgentEvent) => Promise<void> | void;
}

/** What the stream has told so far. */
interface Heard {
  session: string | null;
  usage: Usage;
  result: string | null;
  /** The program's own failure report, else the first thing that is wrong with its stream. */
  error: string | null;
}

async function play({ options, order, rule, onEvent }: Launch): Promise<AgentEnd> {
  const [command, ...args] = options.self;
  const session = order.session.mode === 'resume' ? order.session.id : null;
  const heard: Heard = { session, usage: nothing, result: null, error: null };
  const input: Play = { rule, prompt: order.prompt, access: order.access, session };
  const ended = await start({
    command: [command ?? process.execPath, ...args],
    cwd: order.cwd,
    env: options.env,
    stdin: JSON.stringify(input),
    signal: order.signal,
    outputBytesMax: limits.outputBytesMax,
    onOutput: order.onAlive,
    onLine: (line: string) => hear(heard, line, onEvent),
    sandbox: options.sandbox ? encloseAgent(options.sandbox, order) : null,
  });
  const error = failure(heard, ended);
  return {
    outcome: ended.aborted ? 'killed' : error === null ? 'ok' : 'error',
    exitCode: ended.exitCode,
    sessionId: heard.session,
    output: heard.result ?? '',
    error,
    usage: heard.usage,
    durationMs: ended.durationMs,
  };
}

async function start(process: ProcessOptions): Promise<ProcessResult> {
  try {
    return await spawnProcess(process);
  } catch (cause) {
    if (!(cause instanceof GumpError) || cause.code !== 'process') throw cause;
    const hint = cause.hint === undefined ? {} : { hint: cause.hint };
    throw new GumpError(`The scripted agent was not started: ${cause.message}`, {
      code: 'agent',
      cause,
      ...hint,
    });
  }
}

async function hear(heard: Heard, text: string, onEvent: Launch['onEvent']): Promise<void> {
  const line = readStreamLine(text);
  if ('problem' in line) {
    heard.error ??= line.problem;
    return;
  }
  if (heard.result !== null) heard.error ??= 'its stream goes on behind its result';
  note(heard, line);
  if (line.type !== 'result' && line.type !== 'error') await onEvent(line);
}

function note(heard: Heard, line: StreamLine): void {
  if (line.type === 'session') heard.session = line.id;
  if (line.type === 'usage') heard.usage = line.usage;
  if (line.type === 'result') heard.result = line.output;
  if (line.type === 'error') heard.error = line.message;
}

/** Why this is no success; null when it is one. */
function failure(heard: Heard, ended: ProcessResult): string | null {
  if (ended.aborted) return 'the agent was stopped';
  if (ended.signal) return `the agent's process was ended by ${ended.signal}${because(heard, ended)}`;
  if (ended.exitCode === 0 && heard.error === null && heard.result !== null) return null;
  if (ended.exitCode === 0 && heard.error === null) return 'the agent ended without a result';
  if (heard.error !== null) return `the agent failed: ${heard.error}`;
  return `the agent ended with exit code ${ended.exitCode}${because(heard, ended)}`;
}

function because({ error }: Heard, { stderr }: ProcessResult): string {
  const cause = error ?? stderr.trim().split('\n').slice(-5).join('\n');
  return cause === '' ? '' : `: ${cause}`;
}

const nothing: Usage = { turns: 0, tokens_in: 0, tokens_out: 0, cost: 0 };
