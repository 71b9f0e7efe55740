/** Both directions of one conversation by the Agent Client Protocol: what is said to the agent, and what its lines mean. */
import type { Writable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { RequestError } from '@agentclientprotocol/sdk';
import { limits } from '../limits.ts';
import type { AgentEvent, AgentOrder } from '../ports/agent.ts';
import { judge, optionFor, type Rules } from './acp-permission.ts';
import { startTalk, type Talk } from './acp-talk.ts';
import { readUpdates } from './acp-updates.ts';
import type { Told } from './cli.ts';
import { readLine } from './cli-line.ts';
import { type JsonObject, objectIn } from './json.ts';
import { realPath } from './real-path.ts';

/** In the first, an agent asks before it acts; in the second it can change nothing. */
const askingModes = ['default', 'ask', 'agent', 'act', 'read-only'];
const readingModes = ['plan', 'read-only', 'default'];

export interface Line {
  open(stdin: Writable, sendAway: () => void): void;
  hear(text: string): Promise<void>;
  /** Asks the agent to end its turn, and settles when it has, or has had time for it. */
  cancel(): Promise<void>;
  wasCancelled(): boolean;
  close(): void;
  told(): Promise<Told>;
  problem(): string | null;
}

export interface LineParts {
  readonly order: AgentOrder;
  readonly onEvent: (event: AgentEvent) => Promise<void> | void;
  /** Without links. */
  readonly cwd: string;
  readonly isIsolated: boolean;
  /** Of ours, for the agent to know whom it talks to. */
  readonly version: string;
}

/** Updates are read here in their order, everything else is the protocol's. */
export function createLine({ order, onEvent, cwd, isIsolated, version }: LineParts): Line {
  const updates = readUpdates();
  const { tell, told: allTold } = inTurn(onEvent);
  const session = order.session.mode === 'resume' ? order.session.id : null;
  let talk: Talk | null = null;
  let outcome: Promise<void> = Promise.resolve();
  let isLive = false;
  let isAnew = false;
  let isCancelled = false;
  let sessionId: string | null = null;
  let failure: string | null = null;
  let problem: string | null = null;
  const rules: Rules = {
    cwd,
    access: order.access,
    mayWrite: order.mayWrite ?? null,
    isIsolated,
    realPath,
  };
  const isBounded = order.access !== 'read-write' || order.mayWrite !== undefined;

  async function permit(request: JsonObject): Promise<string | null> {
    const { isAllowed, writes } = judge(updates.ask(objectIn(request, 'toolCall')), rules);
    if (!isAllowed) for (const path of writes) await tell({ type: 'write', path, denied: true });
    return optionFor(request.options, { isAllowed, isBounded });
  }

  async function follow(started: Talk, stdin: Writable, sendAway: () => void): Promise<void> {
    try {
      updates.end(await started.answer);
    } catch (error) {
      // Anything else says only that the agent has gone: how it ended says why.
      if (error instanceof RequestError) failure = failureOf(error);
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
        prompt: () => (isAnew ? order.promptAnew : order.prompt),
        session,
        modes: order.access === 'read-write' ? askingModes : readingModes,
        version,
        send: (message) => void stdin.write(`${JSON.stringify(message)}\n`),
        permit,
        onSession(id) {
          sessionId = id;
          return tell({ type: 'session', id });
        },
        onLost() {
          isAnew = true;
          return tell({ type: 'session_lost', id: session ?? '' });
        },
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
      for (const event of updates.read(objectIn(line.value, 'params', 'update'))) await tell(event);
    },
    async cancel() {
      // Its own way to stop ends its tools too, which a signal leaves running in some.
      if (!talk?.cancel()) return;
      isCancelled = true;
      await Promise.race([outcome, sleep(limits.agentCancelMs, undefined, { ref: false })]);
    },
    wasCancelled: () => isCancelled,
    close: () => talk?.hangUp(),
    async told() {
      await outcome;
      await allTold();
      const told = updates.told();
      if (failure === null || told.report !== null) return { ...told, sessionId };
      return { ...told, sessionId, report: { ok: false, error: failure } };
    },
  };
}

/** One event after another, though answers and updates come side by side. What a listener throws, the next one hears. */
function inTurn(onEvent: LineParts['onEvent']) {
  let last: Promise<void> = Promise.resolve();
  return {
    tell(event: AgentEvent): Promise<void> {
      last = last.then(() => onEvent(event));
      return last;
    },
    told: () => last,
  };
}

/** An error of the protocol carries what the agent knows beside its message. */
function failureOf(error: RequestError): string {
  const data = error.data === undefined ? '' : JSON.stringify(error.data);
  return [error.message, data.slice(0, 500)].filter((part) => part !== '').join(': ');
}
