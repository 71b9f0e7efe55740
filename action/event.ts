/** The Action alone: one event of the repository, handled as the App would handle it, with the job's own token. */
import { setTimeout as sleep } from 'node:timers/promises';
import {
  answersForEvents,
  appBeside,
  askSelf,
  createClient,
  type EventOrder,
  explain,
  finishLeft,
  githubActionsAppId,
  isWorkflowName,
  launcher,
  limits,
  type Outcome,
  persist,
} from '../src/index.ts';
import { checkPayload, eventsHandled } from './event-file.ts';
import { readRepository, readToken } from './inputs.ts';
import { logTo } from './log-sink.ts';
import { fail } from './outputs.ts';
import { createReader, type Environment } from './reader.ts';

export interface EventInputs {
  readonly owner: string;
  readonly repo: string;
  readonly token: string;
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  readonly serverUrl: string;
  readonly name: string;
  readonly payload: unknown;
  /** What runs where neither label, command nor gump.toml names one. */
  readonly workflow: string;
  readonly allowedAppIds: readonly number[];
}

type ReadEvent =
  | { readonly inputs: EventInputs; readonly problems: readonly [] }
  | { readonly inputs: null; readonly problems: readonly string[] };

/** Never rejects: what could not be done is an annotation, and exit code 1. */
export async function runEvent(env: Environment, write: (text: string) => void): Promise<void> {
  const { inputs, problems } = readEventInputs(env);
  if (inputs === null) {
    const list = problems.map((problem) => `- ${problem}`).join('\n');
    return await fail(`The event was not handled:\n${list}`, 2);
  }
  try {
    const order = once(() => orderOf(inputs, logTo(write)));
    const outcome = await handle(order, logTo(write));
    if (outcome === null || outcome.done === 'put off')
      await fail(
        `The event was not handled${outcome ? `: ${outcome.detail}` : ', the log says why'}. ${again}`,
        1,
      );
    await finishLeft(await order());
  } catch (error) {
    await fail(`The event was not handled: ${explain(error)} ${again}`, 1);
  }
}

/** A label, a tick or a review is told to this job alone. */
const again =
  'GitHub tells of it only once: choose "Re-run failed jobs" on the page of this job, or do the same again on the issue. Commands that begin with `/gump` are taken up by the next such job.';

/** Reads what an event needs; changes nothing. */
function readEventInputs(env: Environment): ReadEvent {
  const reader = createReader(env);
  const { problems } = reader;
  const name = env.GITHUB_EVENT_NAME ?? '';
  if (!eventsHandled.includes(name)) {
    const known = eventsHandled.map((event) => `\`${event}\``).join(', ');
    problems.push(`\`command: event\` belongs into a job that is started by one of ${known}.`);
  }
  const payload = checkPayload(env.GITHUB_EVENT_PATH, problems);
  const ids = reader.matching('allowed-app-ids', isIds, 'App ids with commas between them');
  const inputs: EventInputs = {
    ...readRepository(reader, env),
    token: readToken(reader),
    name,
    payload,
    workflow: reader.matching('workflow', isWorkflowName, 'the name of a workflow') ?? 'implement-spec',
    allowedAppIds: (ids ?? '').split(',').map(Number).filter(Boolean),
  };
  return problems.length > 0 ? { inputs: null, problems } : { inputs, problems: [] };
}

function isIds(value: string): boolean {
  return /^\d{1,15}(\s*,\s*\d{1,15})*$/.test(value);
}

/** Null: given up. Whoever holds a command and does not finish it may have died: then it is ours. */
async function handle(
  order: () => Promise<EventOrder>,
  say: (line: string) => void,
): Promise<Outcome | null> {
  const log = (message: string, fields?: Readonly<Record<string, unknown>>): void =>
    say(fields ? `${message}: ${JSON.stringify(fields)}` : message);
  for (let looks = 1; ; looks++) {
    const outcome = await persist({ order, log });
    const waitMs = outcome?.lookAgainAfterMs;
    if (waitMs === undefined || looks >= limits.eventLooksMax) return outcome;
    await sleep(waitMs + 1_000);
  }
}

/** Made at the first try that can. */
function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: T | null = null;
  return async () => {
    made ??= await make();
    return made;
  };
}

async function orderOf(inputs: EventInputs, log: (line: string) => void): Promise<EventOrder> {
  const { token, apiUrl, graphqlUrl, serverUrl, name, payload, allowedAppIds } = inputs;
  const client = createClient({ token, apiUrl, graphqlUrl, userAgent: 'gump', repeatWrites: true, log });
  const self = await askSelf(client, { appIds: [githubActionsAppId], userId: null });
  const app = await appBeside(client.octokit, { payload, self });
  return {
    name,
    payload,
    client: client.octokit,
    config: {
      allowedAppIds,
      self: app ? { ...self, appIds: [...self.appIds, app.appId] } : self,
      beside: app ? [app.userId] : [],
      defaultWorkflow: inputs.workflow,
      serverUrl,
      ...answersForEvents,
    },
    dispatch: launcher(client.octokit),
    claims: new Set(),
    log,
  };
}
