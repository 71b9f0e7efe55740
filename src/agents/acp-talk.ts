/** One conversation by the Agent Client Protocol: hello, a session, a mode, the prompt, and our answers to what is asked. */
import {
  type AnyMessage,
  type ClientContext,
  client,
  methods,
  PROTOCOL_VERSION,
  RequestError,
} from '@agentclientprotocol/sdk';
import { isObject, type JsonObject, listIn, objectIn, textIn } from './json.ts';

export interface TalkOrder {
  readonly cwd: string;
  /** It is asked for once the session is open. */
  readonly prompt: () => string;
  /** The session to continue; null for a new one. */
  readonly session: string | null;
  /** Modes that are wanted, the first that the agent has is taken; where it has none, it stays as it opens. */
  readonly modes: readonly string[];
  readonly version: string;
  readonly send: (message: AnyMessage) => void;
  /** The chosen option's id; null where the agent offers none that fits. */
  readonly permit: (request: JsonObject) => Promise<string | null>;
  readonly onSession: (id: string) => Promise<void> | void;
  /** The session that was to be continued is not there. */
  readonly onLost: () => Promise<void> | void;
  /** From here on, updates are about this prompt; before it they repeat an old session. */
  readonly onPrompt: () => void;
}

export interface Talk {
  /** A message of the agent. */
  receive(message: JsonObject): void;
  /** Asks it to end its turn; false where no prompt is under way. */
  cancel(): boolean;
  /** The agent's streams have ended. */
  hangUp(): void;
  /** The answer to the prompt. @throws RequestError what the agent answers instead; Error when it went away */
  readonly answer: Promise<JsonObject>;
}

export function startTalk(order: TalkOrder): Talk {
  let incoming: ReadableStreamDefaultController<AnyMessage> | null = null;
  const readable = new ReadableStream<AnyMessage>({
    start(controller) {
      incoming = controller;
    },
    // The conversation is over; what the agent still says is of no use to anybody.
    cancel() {
      incoming = null;
    },
  });
  const writable = new WritableStream<AnyMessage>({ write: (message) => order.send(message) });
  const app = client().onRequest(methods.client.session.requestPermission, async ({ params }) => {
    const optionId = await order.permit(params as unknown as JsonObject);
    return { outcome: optionId === null ? { outcome: 'cancelled' } : { outcome: 'selected', optionId } };
  });
  let cancel: (() => void) | null = null;
  const onTurn = (end: (() => void) | null) => {
    cancel = end;
  };
  const answer = app.connectWith({ readable, writable }, (agent) => converse(agent, order, onTurn));
  // Whoever waits for the answer hears of a failure; until somebody does, it is no loose end.
  answer.catch(() => undefined);
  return {
    answer,
    receive: (message) => incoming?.enqueue(message as unknown as AnyMessage),
    cancel() {
      cancel?.();
      return cancel !== null;
    },
    hangUp() {
      incoming?.close();
      incoming = null;
    },
  };
}

/** @param onTurn called with what cancels the turn that begins, and with null behind it */
async function converse(
  agent: ClientContext,
  order: TalkOrder,
  onTurn: (cancel: (() => void) | null) => void,
): Promise<JsonObject> {
  const hello = await agent.request(methods.agent.initialize, {
    protocolVersion: PROTOCOL_VERSION,
    // The agent works on the tree by itself: one of them cannot write a new file through a client.
    clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
    clientInfo: { name: 'gump', version: order.version },
  });
  const { id, opened } = await openSession(agent, order, hello as unknown as JsonObject);
  await order.onSession(id);
  await setMode(agent, { id, opened, wanted: order.modes });
  order.onPrompt();
  const prompt = [{ type: 'text' as const, text: order.prompt() }];
  onTurn(() => void agent.notify(methods.agent.session.cancel, { sessionId: id }).catch(() => undefined));
  try {
    return (await agent.request(methods.agent.session.prompt, {
      sessionId: id,
      prompt,
    })) as unknown as JsonObject;
  } finally {
    onTurn(null);
  }
}

interface Opened {
  readonly id: string;
  readonly opened: JsonObject;
}

async function openSession(agent: ClientContext, order: TalkOrder, hello: JsonObject): Promise<Opened> {
  const { cwd, session } = order;
  if (session !== null) {
    const loaded = await loadSession(agent, { cwd, session, hello });
    if (loaded) return { id: session, opened: loaded };
    await order.onLost();
  }
  const made = await agent.request(methods.agent.session.new, { cwd, mcpServers: [] });
  return { id: made.sessionId, opened: made as unknown as JsonObject };
}

/** Null where the agent cannot, or does not know it. */
async function loadSession(
  agent: ClientContext,
  { cwd, session, hello }: { readonly cwd: string; readonly session: string; readonly hello: JsonObject },
): Promise<JsonObject | null> {
  if (objectIn(hello, 'agentCapabilities').loadSession !== true) return null;
  try {
    const loaded = await agent.request(methods.agent.session.load, {
      sessionId: session,
      cwd,
      mcpServers: [],
    });
    return isObject(loaded) ? loaded : {};
  } catch (error) {
    if (error instanceof RequestError) return null;
    throw error;
  }
}

/** Some agents open in a mode in which a model decides what is allowed; the one that we want is set at once. */
async function setMode(
  agent: ClientContext,
  { id, opened, wanted }: Opened & { readonly wanted: readonly string[] },
): Promise<void> {
  const modes = listIn(opened, 'modes', 'availableModes').map((mode) => textIn(mode, 'id'));
  // Copilot's are addresses, with the name behind the `#`.
  const mode = wanted
    .map((one) => modes.find((id) => id === one || id.endsWith(`#${one}`)))
    .find((id) => id !== undefined);
  if (mode === undefined || mode === textIn(objectIn(opened, 'modes'), 'currentModeId')) return;
  await agent.request(methods.agent.session.setMode, { sessionId: id, modeId: mode });
}
