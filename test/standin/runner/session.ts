import type { ActionFile } from './action-file.ts';
import type { CancelTimes, Child } from './child.ts';
import type { ServerAddresses } from './environment.ts';
import { githubContext, type JobFolders, runnerContext } from './environment.ts';
import { evaluate, isTruthy, type JobStanding, type Json, type Scope } from './expression.ts';
import type { GithubPackages } from './github-packages.ts';
import type { JobRecord } from './job-run.ts';
import type { Masks } from './masks.ts';
import type { PreparedRun } from './run-request.ts';
import type { JobDefinition, StepDefinition, WorkflowFile } from './workflow-file.ts';

/** What all jobs of a runner share. */
export interface RunnerParts {
  readonly packages: GithubPackages;
  readonly server: ServerAddresses;
  readonly bundle: string;
  /** The folder of action.yml. */
  readonly actionDir: string;
  readonly action: ActionFile;
  /** The repository part of `uses:` that means our bundle, for example `gump`. */
  readonly actionName: string;
  readonly nodePath: string;
  readonly extraEnv: Readonly<Record<string, string>>;
  readonly cancelTimes: CancelTimes;
  createToken(repository: string, permissions: Readonly<Record<string, 'read' | 'write'>>): string;
  revokeToken(token: string): void;
  /** What a token may do where no workflow says anything. */
  readonly defaultPermissions: Readonly<Record<string, string>>;
}

/** What is known before a job starts. */
export interface JobAssignment {
  readonly run: PreparedRun;
  readonly workflow: WorkflowFile;
  readonly definition: JobDefinition;
  readonly record: JobRecord;
  /** The `needs` context: result and outputs of the jobs before. */
  readonly needs: Readonly<Record<string, Json>>;
  readonly matrix: Readonly<Record<string, Json>>;
  /** Aborted when the job is cancelled. */
  readonly cancelled: AbortSignal;
  readonly write: (line: string) => void;
}

/** A job while it runs. */
export interface JobSession extends JobAssignment {
  readonly parts: RunnerParts;
  readonly folders: JobFolders;
  readonly masks: Masks;
  readonly token: string;
  readonly trackingId: string;
  /** GITHUB_* and RUNNER_* and the like; no step may change it. */
  readonly base: Readonly<Record<string, string>>;
  /** From `env:` of workflow and job, and from GITHUB_ENV. */
  readonly env: Record<string, string>;
  /** From GITHUB_PATH, last one first in PATH. */
  readonly paths: string[];
  readonly stepContexts: Record<string, Json>;
  readonly posts: PostStep[];
  failed: boolean;
  child: Child | undefined;
}

/** What an action does after all steps. */
export interface PostStep {
  readonly name: string;
  readonly step: StepDefinition;
  readonly variables: Readonly<Record<string, string>>;
}

export function standingOf(session: JobSession): JobStanding {
  if (session.cancelled.aborted) return 'cancelled';
  return session.failed ? 'failure' : 'success';
}

/** What a workflow-level or job-level expression sees before a job runs. */
export function runScope(
  parts: RunnerParts,
  assignment: Omit<JobAssignment, 'record' | 'definition' | 'cancelled' | 'write'>,
  standing: JobStanding,
): Scope {
  const { run, needs, matrix, workflow } = assignment;
  const github = {
    event: run.event,
    event_name: run.eventName,
    repository: run.repository,
    repository_owner: run.owner,
    ref: run.ref,
    ref_name: run.ref.replace(/^refs\/(heads|tags)\//, ''),
    sha: run.sha,
    run_id: String(run.runId),
    run_number: String(run.runNumber),
    run_attempt: String(run.runAttempt),
    actor: run.actor,
    triggering_actor: run.triggeringActor,
    workflow: workflow.name,
    server_url: parts.server.url,
    api_url: parts.server.apiUrl,
    graphql_url: parts.server.graphqlUrl,
  };
  return { contexts: { github, inputs: run.inputs, vars: run.variables, needs, matrix }, standing };
}

/** What a step's expressions see. */
export function stepScope(session: JobSession, stepEnv: Readonly<Record<string, string>> = {}): Scope {
  const { run, base, token, env, stepContexts, needs, matrix } = session;
  const standing = standingOf(session);
  return {
    contexts: {
      github: githubContext(base, { event: run.event, token }),
      inputs: run.inputs,
      vars: run.variables,
      secrets: { ...run.secrets, GITHUB_TOKEN: token },
      needs,
      matrix,
      runner: runnerContext(base),
      env: { ...env, ...stepEnv },
      steps: stepContexts,
      job: { status: standing },
    },
    standing,
  };
}

/** Whether a step is to run as the job stands now. */
export function stepShallRun(session: JobSession, step: StepDefinition): boolean {
  return isTruthy(evaluate(session.parts.packages, step.condition, stepScope(session)));
}
