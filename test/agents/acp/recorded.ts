/** Recorded conversations of ACP agents (test/fixtures/agents/acp), played to our side of the line as if they came now. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { createLine } from '../../../src/agents/acp-line.ts';
import type { Told } from '../../../src/agents/cli.ts';
import { type JsonObject, objectIn, textIn } from '../../../src/agents/json.ts';
import type { AgentEvent, AgentOrder } from '../../../src/ports/agent.ts';

const folder = join(import.meta.dirname, '../../fixtures/agents/acp');

interface Message {
  readonly dir: 'in' | 'out';
  readonly msg: JsonObject;
}

export const recordings: readonly (readonly [agent: string, scenario: string])[] = readdirSync(
  folder,
).flatMap((agent) =>
  readdirSync(join(folder, agent)).map((file) => [agent, file.slice(0, -'.ndjson'.length)] as const),
);

export interface Played {
  readonly told: Told;
  readonly events: readonly AgentEvent[];
  /** Our answers to requests for permission: the kinds of the options that were chosen. */
  readonly answers: readonly string[];
}

export async function play(agent: string, scenario: string, more: Partial<AgentOrder> = {}): Promise<Played> {
  const messages = readFileSync(join(folder, agent, `${scenario}.ndjson`), 'utf8')
    .split('\n')
    .filter((text) => text !== '')
    .map((text): Message => JSON.parse(text));
  const events: AgentEvent[] = [];
  const said = createQueue();
  const line = createLine({
    order: orderOf(messages, more),
    onEvent: (event) => void events.push(event),
    ...{ cwd: '/repo', isIsolated: false, version: '0' },
  });
  line.open(said.stream, () => undefined);
  const answers = await perform(messages, { hear: line.hear, next: said.next });
  line.close();
  return { told: await line.told(), events, answers };
}

function orderOf(messages: readonly Message[], more: Partial<AgentOrder>): AgentOrder {
  const loaded = messages.find(({ dir, msg }) => dir === 'out' && isLoad(textIn(msg, 'method')));
  const id = loaded && textIn(objectIn(loaded.msg, 'params'), 'sessionId');
  return {
    ...{ agent: 'acp', step: 'build', attempt: 1, stepKind: 'code', prompt: 'p', promptAnew: 'p' },
    session: id ? { mode: 'resume', id } : { mode: 'new' },
    ...{ cwd: '/repo', access: 'read-write', scratch: '/scratch', resultFile: '/scratch/result.json' },
    signal: new AbortController().signal,
    ...more,
  };
}

interface Sides {
  readonly hear: (text: string) => Promise<void>;
  /** What our side says next; null where it says no more. */
  readonly next: () => Promise<JsonObject | null>;
}

/** Recorded lines come when our side has said what was said before them; ids are ours. */
async function perform(messages: readonly Message[], { hear, next }: Sides): Promise<readonly string[]> {
  const ids = new Map<unknown, unknown>();
  const answers: string[] = [];
  let options: readonly JsonObject[] = [];
  const tell = (msg: JsonObject) => hear(JSON.stringify(msg));
  for (const { dir, msg } of messages) {
    const method = textIn(msg, 'method');
    if (dir === 'in' && method === '' && !ids.has(msg.id)) continue;
    if (dir === 'in') {
      if (method === 'session/request_permission') options = optionsOf(msg);
      await tell(method === '' ? { ...msg, id: ids.get(msg.id) } : msg);
    } else if (method === '') {
      const answer = await next();
      // A request that is no part of the protocol was refused, and is refused now.
      if (answer === null || 'error' in answer) continue;
      const outcome = objectIn(answer, 'result', 'outcome');
      const chosen = options.find(({ optionId }) => optionId === outcome.optionId);
      answers.push(chosen ? textIn(chosen, 'kind') : textIn(outcome, 'outcome'));
    } else if (msg.id !== undefined && method !== 'session/set_mode') {
      const ours = await nextRequest(method, { tell, next });
      if (ours === null) return answers;
      ids.set(msg.id, ours.id);
    }
  }
  return answers;
}

/** Modes were set by other rules when this was recorded: ours are answered by the way. */
async function nextRequest(
  method: string,
  { tell, next }: { readonly tell: (msg: JsonObject) => Promise<void>; readonly next: Sides['next'] },
): Promise<JsonObject | null> {
  for (let ours = await next(); ours !== null; ours = await next()) {
    const asked = textIn(ours, 'method');
    if (asked === method || (isLoad(asked) && isLoad(method))) return ours;
    if (asked !== 'session/set_mode') throw new Error(`${method} was recorded, ${asked} was asked`);
    await tell({ jsonrpc: '2.0', id: ours.id, result: {} });
  }
  return null;
}

function isLoad(method: string): boolean {
  return method === 'session/load' || method === 'session/resume';
}

function optionsOf(msg: JsonObject): readonly JsonObject[] {
  return (objectIn(msg, 'params').options ?? []) as readonly JsonObject[];
}

function createQueue() {
  const waiting: JsonObject[] = [];
  let wake: () => void = () => undefined;
  let isOver = false;
  const stream = new Writable({
    write(chunk, _encoding, done) {
      for (const text of String(chunk).split('\n')) if (text !== '') waiting.push(JSON.parse(text));
      wake();
      done();
    },
    final(done) {
      isOver = true;
      wake();
      done();
    },
  });
  async function next(): Promise<JsonObject | null> {
    while (waiting.length === 0 && !isOver) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    return waiting.shift() ?? null;
  }
  return { stream, next };
}
