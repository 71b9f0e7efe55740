/** An agent by the official SDK that does what its prompt says, as JSON: it asks, and writes where it may, or even so. */
import { spawn } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import { Readable, Writable } from 'node:stream';
import {
  type AgentContext,
  agent,
  methods,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
  type RequestPermissionRequest,
  type ToolCallUpdate,
} from '@agentclientprotocol/sdk';

export interface Play {
  readonly acts?: readonly Act[];
  readonly say?: string;
  /** What it does when all is done; default: it ends its turn. */
  readonly end?: 'hang' | 'crash' | 'refuse' | 'wait';
}

export interface Act {
  /** What it says of the call when it asks; absent: it does not ask. */
  readonly call?: Omit<ToolCallUpdate, 'toolCallId'>;
  readonly options?: RequestPermissionRequest['options'];
  /** File → text; null: removed. Only where it was allowed, unless it lies. */
  readonly write?: Readonly<Record<string, string | null>>;
  readonly lies?: boolean;
}

const everyOption: RequestPermissionRequest['options'] = [
  { optionId: 'all', name: 'Always', kind: 'allow_always' },
  { optionId: 'this', name: 'Yes', kind: 'allow_once' },
  { optionId: 'no', name: 'No', kind: 'reject_once' },
];

let mode = 'auto';
const cancelled = Promise.withResolvers<void>();

agent()
  .onRequest(methods.agent.initialize, () => ({
    protocolVersion: PROTOCOL_VERSION,
    agentCapabilities: { loadSession: true },
  }))
  .onRequest(methods.agent.session.new, () => ({ sessionId: 'toy-1', modes: modes() }))
  .onRequest(methods.agent.session.load, ({ params, client }) => load(params.sessionId, client))
  .onRequest(methods.agent.session.setMode, ({ params }) => {
    mode = params.modeId;
    return {};
  })
  .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
    const [first] = params.prompt;
    const play: Play = JSON.parse(first?.type === 'text' ? first.text : '{}');
    return perform(play, client, params.sessionId);
  })
  .onNotification(methods.agent.session.cancel, () => cancelled.resolve())
  .connect(ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin)));

function modes() {
  const names = ['auto', 'default', 'plan'];
  return { currentModeId: mode, availableModes: names.map((id) => ({ id, name: id })) };
}

async function load(sessionId: string, client: AgentContext) {
  if (sessionId !== 'toy-1') throw RequestError.resourceNotFound(sessionId);
  await say(client, sessionId, 'said long ago');
  return { modes: modes() };
}

async function perform({ acts = [], say: text, end }: Play, client: AgentContext, sessionId: string) {
  let asked = 0;
  for (const act of acts) {
    const may =
      act.call === undefined || (await isAllowed(act, client, { sessionId, id: `call-${++asked}` }));
    if (may || act.lies) write(act.write ?? {});
  }
  await say(client, sessionId, text ?? `done in mode ${mode}`);
  if (end === 'refuse') throw RequestError.internalError({ details: '401 wrong key' }, 'the model refused');
  if (end === 'crash') process.kill(process.pid, 'SIGKILL');
  if (end === 'hang') await hang();
  if (end === 'wait') return untilCancelled();
  return { stopReason: 'end_turn' as const };
}

async function isAllowed(
  { call, options = everyOption }: Act,
  client: AgentContext,
  { sessionId, id }: { readonly sessionId: string; readonly id: string },
): Promise<boolean> {
  const toolCall = { ...call, toolCallId: id };
  const { outcome } = await client.request(methods.client.session.requestPermission, {
    sessionId,
    toolCall,
    options,
  });
  const chosen = outcome.outcome === 'selected' ? outcome.optionId : outcome.outcome;
  await say(client, sessionId, `[${chosen}]`);
  const update = { sessionUpdate: 'tool_call_update' as const, toolCallId: id };
  const may = options.some(({ optionId, kind }) => optionId === chosen && kind.startsWith('allow'));
  await client.notify(methods.client.session.update, {
    sessionId,
    update: { ...update, status: may ? 'completed' : 'failed' },
  });
  return may;
}

function write(files: Readonly<Record<string, string | null>>): void {
  for (const [path, text] of Object.entries(files)) {
    if (text === null) rmSync(path);
    else writeFileSync(path, text);
  }
}

async function say(client: AgentContext, sessionId: string, text: string): Promise<void> {
  const update = {
    sessionUpdate: 'agent_message_chunk' as const,
    content: { type: 'text' as const, text },
  };
  await client.notify(methods.client.session.update, { sessionId, update });
}

/** As agents do that end their tools when they are asked to. */
async function untilCancelled() {
  writeFileSync('waits.txt', '');
  await cancelled.promise;
  writeFileSync('cancelled.txt', '');
  return { stopReason: 'cancelled' as const };
}

/** With a child that has a session of its own and holds the output. */
function hang(): Promise<never> {
  const child = spawn('sleep', ['300'], { detached: true, stdio: 'inherit' });
  writeFileSync('child.pid', String(child.pid));
  return new Promise(() => undefined);
}
