import { dirname } from 'node:path';
import type { Json } from './expression.ts';
import type { JobRun } from './job-run.ts';
import { trackingVariable } from './orphans.ts';
import type { PreparedRun } from './run-request.ts';

/** The folders of one job; all exist and are fresh. */
export interface JobFolders {
  readonly root: string;
  readonly workspace: string;
  readonly home: string;
  readonly temp: string;
  readonly toolCache: string;
  readonly fileCommands: string;
  readonly eventPath: string;
}

export interface ServerAddresses {
  readonly url: string;
  readonly apiUrl: string;
  readonly graphqlUrl: string;
}

export interface EnvironmentOptions {
  readonly run: PreparedRun;
  readonly job: JobRun;
  readonly folders: JobFolders;
  readonly server: ServerAddresses;
  readonly nodePath: string;
  readonly trackingId: string;
}

/**
 * The environment that every step of a job starts from. Nothing of our own environment is in it but PATH.
 *
 * @source docs, "Variables reference", default environment variables (2026-11)
 */
export function jobEnvironment(options: EnvironmentOptions): Record<string, string> {
  const { run, job, folders, server, nodePath, trackingId } = options;
  return {
    PATH: searchPath(nodePath),
    HOME: folders.home,
    LANG: 'C.UTF-8',
    CI: 'true',
    GITHUB_ACTIONS: 'true',
    GITHUB_WORKSPACE: folders.workspace,
    GITHUB_EVENT_NAME: run.eventName,
    GITHUB_EVENT_PATH: folders.eventPath,
    GITHUB_REPOSITORY: run.repository,
    GITHUB_REPOSITORY_ID: String(run.repositoryId),
    GITHUB_REPOSITORY_OWNER: run.owner,
    GITHUB_REPOSITORY_OWNER_ID: String(run.ownerId),
    GITHUB_RUN_ID: String(run.runId),
    GITHUB_RUN_ATTEMPT: String(run.runAttempt),
    GITHUB_RUN_NUMBER: String(run.runNumber),
    GITHUB_RETENTION_DAYS: '90',
    GITHUB_JOB: job.jobKey,
    GITHUB_WORKFLOW: job.workflowName,
    GITHUB_WORKFLOW_REF: `${run.repository}/${job.workflowPath}@${run.ref}`,
    GITHUB_WORKFLOW_SHA: run.sha,
    GITHUB_SHA: run.sha,
    GITHUB_REF: run.ref,
    GITHUB_REF_NAME: shortRef(run.ref),
    GITHUB_REF_TYPE: run.ref.startsWith('refs/tags/') ? 'tag' : 'branch',
    GITHUB_REF_PROTECTED: 'false',
    GITHUB_BASE_REF: '',
    GITHUB_HEAD_REF: '',
    GITHUB_ACTOR: run.actor,
    GITHUB_TRIGGERING_ACTOR: run.triggeringActor,
    GITHUB_SERVER_URL: server.url,
    GITHUB_API_URL: server.apiUrl,
    GITHUB_GRAPHQL_URL: server.graphqlUrl,
    RUNNER_TEMP: folders.temp,
    RUNNER_TOOL_CACHE: folders.toolCache,
    RUNNER_WORKSPACE: dirname(folders.workspace),
    RUNNER_OS: operatingSystem(),
    RUNNER_ARCH: process.arch === 'arm64' ? 'ARM64' : 'X64',
    RUNNER_NAME: 'stand-in',
    RUNNER_ENVIRONMENT: 'github-hosted',
    [trackingVariable]: trackingId,
  };
}

/** The `github` context: the same facts under their names in expressions, and the job's token. */
export function githubContext(environment: Readonly<Record<string, string>>, more: GithubContextParts): Json {
  const named = Object.entries(environment)
    .filter(([name]) => name.startsWith('GITHUB_') && name !== 'GITHUB_ACTIONS')
    .map(([name, value]) => [name.slice('GITHUB_'.length).toLowerCase(), value] as const);
  return { ...Object.fromEntries(named), event: more.event, token: more.token };
}

export interface GithubContextParts {
  readonly event: Readonly<Record<string, Json>>;
  readonly token: string;
}

/** The `runner` context. */
export function runnerContext(environment: Readonly<Record<string, string>>): Json {
  const named = Object.entries(environment)
    .filter(([name]) => name.startsWith('RUNNER_') && name !== trackingVariable)
    .map(([name, value]) => [name.slice('RUNNER_'.length).toLowerCase(), value] as const);
  return Object.fromEntries(named);
}

function shortRef(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '');
}

function searchPath(nodePath: string): string {
  // Folders of npm scripts are ours, not the machine's: a job must not find this repository's tools.
  const machine = (process.env.PATH ?? '/usr/local/bin:/usr/bin:/bin')
    .split(':')
    .filter((folder) => !/node_modules\/\.bin\/?$|node-gyp-bin\/?$/.test(folder));
  return [...new Set([dirname(nodePath), ...machine])].join(':');
}

function operatingSystem(): string {
  if (process.platform === 'darwin') return 'macOS';
  return process.platform === 'win32' ? 'Windows' : 'Linux';
}
