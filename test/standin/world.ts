import type { Faults } from './faults.ts';
import type { OpenApi } from './openapi.ts';
import type { Limits } from './ratelimit.ts';
import type { App, Permissions, Repository, Token, User, WorkflowRun } from './records.ts';
import type { StandinState } from './state.ts';

/** Who asks. `user` is the account that things are attributed to. */
export interface Actor {
  readonly kind: 'anonymous' | 'user' | 'installation' | 'job' | 'app';
  readonly user: User;
  readonly app: App | null;
  readonly token: Token | null;
  readonly permissions: Permissions | 'all';
}

export interface Dispatch {
  readonly owner: string;
  readonly repo: string;
  /** For example `.github/workflows/gump.yml`. */
  readonly workflowPath: string;
  /** Full name, for example `refs/heads/main`. */
  readonly ref: string;
  readonly inputs: Readonly<Record<string, string>>;
  /** The login of who asked. */
  readonly actor: string;
  /** The workflow run that was made for it, `queued`. */
  readonly runId: number;
  /** Aborted when somebody cancels the run. */
  readonly signal: AbortSignal;
}

export type DispatchHandler = (dispatch: Dispatch) => void | Promise<void>;

/** Something happened in a repository; the same thing that Apps get as a webhook. */
export interface RepositoryEvent {
  readonly event: string;
  readonly action: string | null;
  readonly repository: Repository;
  readonly payload: Readonly<Record<string, unknown>>;
  readonly actor: string;
  /** True when GitHub would start workflows for it: it was not caused by a job's own token. */
  readonly startsWorkflows: boolean;
}

export type EventHandler = (event: RepositoryEvent) => void;

export interface RunChange {
  readonly status: WorkflowRun['status'];
  readonly conclusion?: string | null;
}

/** Everything that the endpoint families share. */
export interface World {
  readonly state: StandinState;
  readonly url: string;
  readonly apiUrl: string;
  readonly graphqlUrl: string;
  /** Where the bare repositories are; each is `<dir>/<owner>/<name>.git`. */
  readonly dir: string;
  readonly faults: Faults;
  readonly limits: Limits;
  readonly openapi: OpenApi;
  /** One sentence for each request or answer that breaks GitHub's description. */
  readonly violations: string[];
  /** Work under way that `idle()` waits for. */
  readonly pending: Set<Promise<unknown>>;
  readonly dispatchHandlers: DispatchHandler[];
  readonly eventHandlers: EventHandler[];
  readonly cancellations: Map<number, AbortController>;
  /** Writes to one repository happen one after another, as in a transaction. */
  readonly locks: Map<number, Promise<unknown>>;
}

/** Runs `work` when all earlier work on the repository is done; failures do not block what follows. */
export async function exclusively<T>(
  world: World,
  repository: Repository,
  work: () => Promise<T>,
): Promise<T> {
  const before = world.locks.get(repository.id) ?? Promise.resolve();
  const mine = before.then(work, work);
  world.locks.set(
    repository.id,
    mine.catch(() => undefined),
  );
  return await mine;
}
