import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createApi } from './api.ts';
import { dumpState, type GithubDump } from './dump.ts';
import { type Faults, noFaults } from './faults.ts';
import { answerGit, isGitRequest } from './githttp.ts';
import { loadOpenApi } from './openapi.ts';
import { githubLimits, type Limits } from './ratelimit.ts';
import type { AppManifest, Permissions, Repository, Role, WorkflowRun } from './records.ts';
import {
  addJobToken,
  addRepository,
  addUser,
  type CheckButton,
  confirmManifest,
  type JobTokenOptions,
  type MergeGroup,
  type NewApp,
  type NewRepository,
  type NewUser,
  type RegisteredApp,
  registerApp,
  registerGithubActions,
  requestCheckAction,
  requestGroupChecks,
} from './setup.ts';
import { createState, findRepository, type StandinState } from './state.ts';
import { ensureUser, findUser } from './users.ts';
import { abortOf, addWorkflowRun, changeWorkflowRun } from './workflow-runs.ts';
import type { DispatchHandler, EventHandler, RunChange, World } from './world.ts';

export interface StandinOptions {
  /** Where the bare repositories live. */
  readonly dir: string;
  /** 0, the default: any free port. */
  readonly port?: number;
  readonly host?: '127.0.0.1';
}

export type WebHandler = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

export interface NewWorkflowRun {
  readonly workflowPath: string;
  readonly name: string;
  readonly event: string;
  readonly branch: string;
  readonly sha: string;
  readonly actor: string;
}

export interface Standin {
  /** http://127.0.0.1:PORT — web pages, and git at `<url>/<owner>/<repo>.git`. */
  readonly url: string;
  /** As on GitHub Enterprise Server. */
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  readonly state: StandinState;
  readonly faults: Faults;
  readonly limits: Limits;
  /** One sentence for each request or answer that breaks GitHub's description; has to stay empty. */
  readonly violations: readonly string[];
  readonly dump: () => Promise<GithubDump>;
  readonly addUser: (login: string, options?: NewUser) => { token: string };
  readonly addRepository: (options: NewRepository) => Promise<Repository>;
  readonly setPermission: (fullName: string, login: string, role: Role) => void;
  readonly registerApp: (options: NewApp) => RegisteredApp;
  /** A person presses the button of GitHub's page for a new App: the code that the browser brings back. */
  readonly confirmManifest: (manifest: AppManifest) => string;
  /** A token like GITHUB_TOKEN: its actor is github-actions[bot]; six hours unless told otherwise. */
  readonly createJobToken: (fullName: string, permissions: Permissions, options?: JobTokenOptions) => string;
  readonly revokeToken: (token: string) => void;
  readonly onDispatch: (handler: DispatchHandler) => void;
  readonly onEvent: (handler: EventHandler) => void;
  readonly onWeb: (handler: WebHandler) => void;
  /** A workflow run that an event started; those of dispatches are made by the stand-in. */
  readonly startRun: (fullName: string, run: NewWorkflowRun) => Promise<WorkflowRun>;
  readonly updateRun: (runId: number, change: RunChange) => void;
  /** Aborted when somebody cancels the run. */
  readonly runSignal: (runId: number) => AbortSignal;
  /** Somebody presses a button of a check run, or "re-run" when `identifier` is null. */
  readonly requestCheckAction: (button: CheckButton) => void;
  readonly requestGroupChecks: (group: MergeGroup) => void;
  /** All webhook deliveries so far have been answered. */
  readonly idle: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/** Starts the local GitHub on loopback. @throws Error when the port is taken. */
export async function startStandin(options: StandinOptions): Promise<Standin> {
  const webHandlers: WebHandler[] = [];
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, options.host ?? '127.0.0.1', resolve);
  });
  const world = createWorld(options.dir, `http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  registerGithubActions(world);
  const api = createApi(world);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    const url = new URL(request.url ?? '/', world.url);
    const work = url.pathname.startsWith('/api/')
      ? api(request, response)
      : isGitRequest(url)
        ? answerGit(world, request, response)
        : answerWeb(webHandlers, request, response);
    work.catch((error: unknown) => {
      process.stderr.write(`stand-in: ${request.method} ${url.pathname} failed: ${String(error)}\n`);
      response.destroy();
    });
  });
  return facade(world, webHandlers, async () => {
    await idle(world);
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  });
}

function createWorld(dir: string, url: string): World {
  return {
    state: createState(),
    url,
    apiUrl: `${url}/api/v3`,
    graphqlUrl: `${url}/api/graphql`,
    dir,
    faults: noFaults(),
    limits: githubLimits(),
    openapi: loadOpenApi(),
    violations: [],
    pending: new Set(),
    dispatchHandlers: [],
    eventHandlers: [],
    cancellations: new Map(),
    locks: new Map(),
  };
}

async function answerWeb(
  handlers: readonly WebHandler[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  for (const handler of handlers) await handler(request, response);
  if (handlers.length > 0) return;
  response.writeHead(404, { 'content-type': 'text/plain' });
  response.end('This stand-in serves no web pages.\n');
}

/** New deliveries may be caused by the answers to earlier ones, so look again until there are none. */
async function idle(world: World): Promise<void> {
  while (world.pending.size > 0) await Promise.allSettled(world.pending);
}

function facade(world: World, webHandlers: WebHandler[], close: () => Promise<void>): Standin {
  const { state } = world;
  return {
    url: world.url,
    apiUrl: world.apiUrl,
    graphqlUrl: world.graphqlUrl,
    state,
    faults: world.faults,
    limits: world.limits,
    violations: world.violations,
    dump: () => dumpState(world),
    addUser: (login, options) => addUser(world, login, options),
    addRepository: (options) => addRepository(world, options),
    setPermission: (fullName, login, role) => {
      ensureUser(state, login);
      repositoryOf(state, fullName).roles.set(login.toLowerCase(), role);
    },
    registerApp: (options) => registerApp(world, options),
    confirmManifest: (manifest) => confirmManifest(world, manifest),
    createJobToken: (fullName, permissions, options) =>
      addJobToken(world, repositoryOf(state, fullName), permissions, options),
    revokeToken: (value) => {
      const token = state.tokens.get(value);
      if (token) token.revoked = true;
    },
    onDispatch: (handler) => void world.dispatchHandlers.push(handler),
    onEvent: (handler) => void world.eventHandlers.push(handler),
    onWeb: (handler) => void webHandlers.push(handler),
    startRun: (fullName, run) =>
      addWorkflowRun(world, repositoryOf(state, fullName), {
        path: run.workflowPath,
        name: run.name,
        event: run.event,
        headBranch: run.branch,
        headSha: run.sha,
        actor: findUser(state, run.actor) ?? ensureUser(state, run.actor),
        inputs: {},
      }),
    updateRun: (runId, change) => changeWorkflowRun(world, runId, change),
    runSignal: (runId) => abortOf(world, runId).signal,
    requestCheckAction: (button) => requestCheckAction(world, button),
    requestGroupChecks: (group) => requestGroupChecks(world, group),
    idle: () => idle(world),
    close,
  };
}

function repositoryOf(state: StandinState, fullName: string): Repository {
  const repository = findRepository(state, fullName);
  if (!repository) throw new Error(`The stand-in has no repository ${fullName}; add it with addRepository.`);
  return repository;
}
