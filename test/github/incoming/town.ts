/** A stand-in with one repository, people of every permission and our host, for the tests of the incoming half. */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Octokit } from '@octokit/rest';
import type { RestClient } from '../../../src/github/api/rest.ts';
import { handleEvent } from '../../../src/github/handle.ts';
import type { EventOrder, IncomingConfig, Outcome } from '../../../src/github/incoming.ts';
import type { Dispatch } from '../../../src/github/runs/dispatch.ts';
import { launcher } from '../../../src/github/runs/launch.ts';
import { answersForEvents } from '../../../src/hosting/events.ts';
import { type Standin, startStandin } from '../../standin/standin.ts';
import type { Dispatch as Dispatched, RepositoryEvent } from '../../standin/world.ts';
import { type Addresses, openHost } from './host.ts';

export const repository = { owner: 'acme', repo: 'shop' } as const;
const templatePath = path.resolve(import.meta.dirname, '../../../action/workflow-template.yml');

export interface Town {
  readonly standin: Standin;
  /** What happened in the repository, as Apps are told of it. */
  readonly events: RepositoryEvent[];
  readonly dispatches: Dispatched[];
  /** Whoever hosts the handlers: the App, or the Action with its job's token. */
  readonly app: {
    readonly id: number;
    readonly login: string;
    readonly token: string;
    readonly client: RestClient;
  };
  /** `owner` is an admin, `wilma` may write, `tris` may triage, `rudi` may read. */
  as(login: 'acme' | 'wilma' | 'tris' | 'rudi'): RestClient;
  openIssue(title: string, body: string): Promise<number>;
  comment(login: Parameters<Town['as']>[0], issue: number, body: string): Promise<number>;
  /** The last event of a kind. */
  last(event: string, action: string): RepositoryEvent;
  /** As it is delivered. */
  eventOf(event: RepositoryEvent): { readonly name: string; readonly payload: object };
  /** By the host as GitHub would tell it; with `more`, by the handlers alone. */
  handle(event: RepositoryEvent, more?: Partial<EventOrder>): Promise<Outcome>;
  config(more?: Partial<IncomingConfig>): IncomingConfig;
  comments(
    issue: number,
  ): Promise<readonly { readonly id: number; readonly body: string; readonly login: string }[]>;
  reactions(comment: number): Promise<readonly string[]>;
  /** Null where the ref does not exist. */
  head(ref: string): Promise<string | null>;
  fileAt(ref: string, file: string): Promise<string | null>;
  close(): Promise<void>;
}

const people = { acme: 'admin', wilma: 'write', tris: 'triage', rudi: 'read' } as const;

export interface TownOptions {
  /** False: the repository has no workflow file. */
  readonly workflow?: boolean;
  /** Where the host finds GitHub, without a slash at its end; default: where it is. */
  readonly at?: string;
  /** The workflow file as somebody has changed it. */
  readonly edit?: (template: string) => string;
}

export async function openTown({
  workflow = true,
  edit = (file) => file,
  at,
}: TownOptions = {}): Promise<Town> {
  const dir = await mkdtemp(path.join(tmpdir(), 'gump-incoming-'));
  const source = path.join(dir, 'source');
  await mkdir(path.join(source, '.github/workflows'), { recursive: true });
  await writeFile(path.join(source, 'README.md'), '# Shop\n');
  const file = path.join(source, '.github/workflows/gump.yml');
  if (workflow) await writeFile(file, edit(await readFile(templatePath, 'utf8')));
  const standin = await startStandin({ dir: path.join(dir, 'git') });
  await standin.addRepository({ owner: 'acme', name: 'shop', fromDir: source });
  const clients = new Map<string, RestClient>();
  for (const [login, role] of Object.entries(people)) {
    const { token } = standin.addUser(login);
    clients.set(login, clientOf(standin, token));
    if (role !== 'admin') standin.setPermission('acme/shop', login, role);
  }
  const host = await openHost(standin, at === undefined ? standin : addressesAt(at));
  const app = { id: host.appId, login: host.login, token: host.token, client: clientOf(standin, host.token) };
  const events: RepositoryEvent[] = [];
  const dispatches: Dispatched[] = [];
  standin.onEvent((event) => void events.push(event));
  standin.onDispatch((dispatch) => void dispatches.push(dispatch));
  const acme = clients.get('acme') as RestClient;
  const as: Town['as'] = (login) => clients.get(login) as RestClient;
  const config: Town['config'] = (more = {}) => ({
    allowedAppIds: [],
    self: { appIds: [app.id, 15368], userId: null },
    defaultWorkflow: 'implement-spec',
    serverUrl: standin.url,
    ...answersForEvents,
    describeWorkflow: async ({ named, otherwise }) => ({
      name: named ?? otherwise,
      agents: ['claude-opus'],
      maxBudgetUsd: 20,
      problem: null,
    }),
    takeoverAfterMs: 60_000,
    ...more,
  });
  const eventOf: Town['eventOf'] = (event) => {
    const { event: name, payload: said, repository: at } = event;
    // As a webhook: the parts that every delivery has.
    const whole = { action: event.action, ...said, repository: repositoryPayload(at) };
    const sender = said.sender ?? senderOf(standin, event.actor);
    return { name, payload: structuredClone({ ...whole, sender }) };
  };
  return {
    standin,
    events,
    dispatches,
    app,
    as,
    config,
    async openIssue(title, body) {
      const made = await as('rudi').request('POST /repos/{owner}/{repo}/issues', {
        ...repository,
        title,
        body,
      });
      return made.data.number;
    },
    async comment(login, issue, body) {
      const made = await as(login).request('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        ...repository,
        issue_number: issue,
        body,
      });
      return Number(made.data.id);
    },
    last(event, action) {
      const found = events.findLast((one) => one.event === event && one.action === action);
      if (!found) throw new Error(`There was no event ${event}.${action}.`);
      return found;
    },
    eventOf,
    async handle(event, more) {
      const { name, payload } = eventOf(event);
      if (!more) return await host.deliver({ name, payload });
      const client = more.client ?? app.client;
      const dispatch: Dispatch = launcher(client);
      return await handleEvent({
        name,
        payload,
        client,
        config: config(),
        dispatch,
        log: () => undefined,
        ...more,
      });
    },
    async comments(issue) {
      const { data } = await acme.request('GET /repos/{owner}/{repo}/issues/{issue_number}/comments', {
        ...repository,
        issue_number: issue,
        per_page: 100,
      });
      return data.map((one) => ({ id: Number(one.id), body: one.body ?? '', login: one.user?.login ?? '' }));
    },
    async reactions(comment) {
      const { data } = await acme.request(
        'GET /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions',
        {
          ...repository,
          comment_id: comment,
        },
      );
      return data.map((one) => one.content);
    },
    async head(ref) {
      const answer = await acme
        .request('GET /repos/{owner}/{repo}/git/ref/{ref}', { ...repository, ref })
        .catch(() => null);
      return answer?.data.object.sha ?? null;
    },
    async fileAt(ref, file) {
      const answer = await acme
        .request('GET /repos/{owner}/{repo}/contents/{path}', { ...repository, path: file, ref })
        .catch(() => null);
      const data = answer?.data;
      return data && 'content' in data ? Buffer.from(String(data.content), 'base64').toString('utf8') : null;
    },
    async close() {
      await host.close();
      await standin.close();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function addressesAt(url: string): Addresses {
  return { url, apiUrl: `${url}/api/v3`, graphqlUrl: `${url}/api/graphql` };
}

/** Without the pace of our own client: many events of one test would wait for the next minute. */
function clientOf(standin: Standin, token: string): RestClient {
  return new Octokit({ auth: token, baseUrl: standin.apiUrl, userAgent: 'test', log: quiet });
}

const quiet = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export function repositoryPayload(at: RepositoryEvent['repository']): object {
  const { name, full_name, default_branch } = at;
  return { name, full_name, owner: { login: at.owner.login }, default_branch };
}

function senderOf(standin: Standin, login: string): object {
  const user = standin.state.users.get(login.toLowerCase()) ?? standin.state.users.get(login);
  if (!user) throw new Error(`The stand-in has no user ${login}.`);
  return { login: user.login, id: user.id, type: user.type };
}
