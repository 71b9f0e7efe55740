import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { addToken } from './auth.ts';
import { checkRunJson, suiteJson } from './checks.ts';
import { git, gitText, writeCommit } from './git.ts';
import { UPDATE_HOOK } from './githttp.ts';
import type { App, AppManifest, Permissions, Repository, User } from './records.ts';
import { findRepository, nextId, nodeId, now } from './state.ts';
import { ensureUser } from './users.ts';
import { emit } from './webhooks.ts';
import type { World } from './world.ts';

const YEAR_MS = 365 * 24 * 3_600_000;
const JOB_TOKEN_LIFE_MS = 6 * 3_600_000;
/** The first commit is the same on every machine, so that shas can be compared. */
const FIRST_COMMIT_DATE = '2026-01-01T00:00:00Z';

export interface NewUser {
  readonly name?: string;
  /** What the token may do; everything that the person may do when left out. */
  readonly permissions?: Permissions;
}

/** A person with a personal token; called again for the same login it gives one more token. */
export function addUser(world: World, login: string, options: NewUser = {}): { token: string } {
  const user = ensureUser(world.state, login, 'User', options.name ?? login);
  const value = `${options.permissions ? 'github_pat_' : 'ghp_'}${randomBytes(18).toString('hex')}`;
  addToken(
    world,
    {
      value,
      kind: 'user',
      user,
      permissions: options.permissions ?? 'all',
      app_id: null,
      repository_ids: null,
    },
    YEAR_MS,
  );
  return { token: value };
}

export interface NewRepository {
  readonly owner: string;
  readonly name: string;
  /** A folder whose files become the first commit; left out: an empty repository. */
  readonly fromDir?: string;
  readonly empty?: true;
  readonly defaultBranch?: string;
  readonly private?: boolean;
  readonly secrets?: Readonly<Record<string, string>>;
  readonly variables?: Readonly<Record<string, string>>;
  readonly organizationSecrets?: readonly string[];
  /** Branches that cannot be deleted or force-pushed. */
  readonly protectedBranches?: readonly string[];
}

/** Makes a bare repository; its owner is an admin of it. @throws Error when it exists already. */
export async function addRepository(world: World, options: NewRepository): Promise<Repository> {
  const fullName = `${options.owner}/${options.name}`;
  if (findRepository(world.state, fullName))
    throw new Error(`The stand-in already has a repository ${fullName}.`);
  // Both become names of folders.
  if (![options.owner, options.name].every((name) => /^[\w-][\w.-]*$/.test(name))) {
    throw new Error(`No repository was made: "${fullName}" is no name that GitHub would take.`);
  }
  const branch = options.defaultBranch ?? 'main';
  const gitDir = join(world.dir, options.owner, `${options.name}.git`);
  await initialize(gitDir, branch);
  if (options.fromDir !== undefined) await importFiles(gitDir, options.fromDir, branch);
  const id = nextId(world.state, 'repository');
  const at = now();
  const repository: Repository = {
    id,
    node_id: nodeId('R', id),
    owner: ensureUser(world.state, options.owner),
    name: options.name,
    full_name: fullName,
    private: options.private ?? false,
    default_branch: branch,
    archived: false,
    created_at: at,
    updated_at: at,
    activity: [],
    pushed_at: at,
    git_dir: gitDir,
    protected_branches: options.protectedBranches ?? [],
    secrets: options.secrets ?? {},
    variables: options.variables ?? {},
    organization_secrets: options.organizationSecrets ?? [],
    actions: { enabled: true, can_approve: true },
    roles: new Map([[options.owner.toLowerCase(), 'admin']]),
    labels: new Map(),
    issues: new Map(),
    comments: new Map(),
    reactions: new Map(),
    pulls: new Map(),
    reviews: new Map(),
    review_comments: new Map(),
    review_threads: new Map(),
    check_runs: new Map(),
    workflow_runs: new Map(),
    workflows: new Map(),
  };
  world.state.repositories.set(fullName.toLowerCase(), repository);
  return repository;
}

async function initialize(gitDir: string, branch: string): Promise<void> {
  await mkdir(gitDir, { recursive: true });
  await git(gitDir, ['init', '--quiet', '--bare', `--initial-branch=${branch}`]);
  const settings = {
    'http.receivepack': 'true',
    'receive.denyDeleteCurrent': 'refuse',
    'uploadpack.allowAnySHA1InWant': 'true',
    'uploadpack.allowFilter': 'true',
    'gc.auto': '0',
    'core.quotePath': 'false',
  };
  for (const [key, value] of Object.entries(settings)) await git(gitDir, ['config', key, value]);
  const hook = join(gitDir, 'hooks', 'update');
  await mkdir(join(gitDir, 'hooks'), { recursive: true });
  await writeFile(hook, UPDATE_HOOK);
  await chmod(hook, 0o755);
}

async function importFiles(gitDir: string, fromDir: string, branch: string): Promise<void> {
  const env = { GIT_INDEX_FILE: join(gitDir, 'index-import') };
  await git(gitDir, ['--work-tree', fromDir, '-c', 'core.bare=false', 'add', '--all', '--force', '.'], {
    env,
    cwd: fromDir,
  });
  const tree = await gitText(gitDir, ['write-tree'], { env });
  const person = { name: 'Stand-in', email: 'standin@example.com', date: FIRST_COMMIT_DATE };
  const message = 'Initial commit\n';
  const sha = await writeCommit(gitDir, { tree, parents: [], author: person, committer: person, message });
  await git(gitDir, ['update-ref', `refs/heads/${branch}`, sha]);
}

export interface NewApp {
  readonly slug: string;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  readonly webhookUrl?: string;
  readonly webhookSecret?: string;
  /** Without `[bot]`; the slug when left out. */
  readonly botName?: string;
}

export interface RegisteredApp {
  readonly appId: number;
  readonly privateKeyPem: string;
  readonly installationId: number;
  readonly clientId: string;
}

/** An App that is installed on all repositories, present and future. */
export function registerApp(world: World, options: NewApp): RegisteredApp {
  const id = nextId(world.state, 'app', 101);
  const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const installationId = nextId(world.state, 'installation', 7001);
  const clientId = `Iv23standin${id}`;
  const botName = `${options.botName ?? options.slug}[bot]`;
  addApp(world, {
    ...{ id, slug: options.slug, client_id: clientId, installation_id: installationId },
    permissions: options.permissions,
    events: options.events,
    bot: ensureUser(world.state, botName, 'Bot'),
    public_key: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
    webhook_url: options.webhookUrl ?? null,
    webhook_secret: options.webhookSecret ?? '',
  });
  const privateKeyPem = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
  return { appId: id, privateKeyPem, installationId, clientId };
}

/** Somebody has confirmed a manifest on GitHub's page: the code with which GitHub sends the browser back. */
export function confirmManifest(world: World, manifest: AppManifest): string {
  const code = randomBytes(20).toString('hex');
  world.state.manifests.set(code, manifest);
  return code;
}

/** The new App with its secrets, told once; null for a code that is unknown or used. */
export function convertManifest(
  world: World,
  code: string,
): (RegisteredApp & { readonly webhookSecret: string }) | null {
  const manifest = world.state.manifests.get(code);
  if (!manifest || !world.state.manifests.delete(code)) return null;
  const { metadata: _, ...permissions } = manifest.default_permissions;
  const webhookSecret = randomBytes(20).toString('hex');
  const registered = registerApp(world, {
    slug: manifest.name,
    permissions: permissions as Permissions,
    events: manifest.default_events,
    webhookUrl: manifest.hook_attributes.url,
    webhookSecret,
  });
  return { ...registered, webhookSecret };
}

/** @source https://api.github.com/apps/github-actions (2026-11) */
const GITHUB_ACTIONS_ID = 15368;

/** The App behind every job's token. */
export function registerGithubActions(world: World): void {
  const bot: User = {
    login: 'github-actions[bot]',
    id: 41898282,
    node_id: 'MDM6Qm90NDE4OTgyODI=',
    type: 'Bot',
    name: 'GitHub Actions',
  };
  world.state.users.set(bot.login, bot);
  addApp(world, {
    ...{ id: GITHUB_ACTIONS_ID, slug: 'github-actions', client_id: 'Iv1.standin', installation_id: 1 },
    ...{ permissions: {}, events: [], bot, public_key: '', webhook_url: null, webhook_secret: '' },
  });
}

function addApp(world: World, app: Omit<App, 'node_id' | 'name' | 'owner' | 'created_at'>): void {
  const owner = ensureUser(world.state, 'github', 'Organization');
  world.state.apps.set(app.id, {
    ...app,
    node_id: nodeId('A', app.id),
    name: app.slug,
    owner,
    created_at: now(),
  });
}

export interface JobTokenOptions {
  /** Milliseconds; six hours when left out. */
  readonly lifeMs?: number;
}

export function addJobToken(
  world: World,
  repository: Repository,
  permissions: Permissions,
  options: JobTokenOptions = {},
): string {
  const value = `ghs_job${randomBytes(16).toString('hex')}`;
  addToken(
    world,
    {
      value,
      kind: 'job',
      user: ensureUser(world.state, 'github-actions[bot]', 'Bot'),
      // A job's token never gets this one. @source https://docs.github.com/actions (2026-11)
      permissions: Object.fromEntries(Object.entries(permissions).filter(([name]) => name !== 'workflows')),
      app_id: GITHUB_ACTIONS_ID,
      repository_ids: [repository.id],
    },
    options.lifeMs ?? JOB_TOKEN_LIFE_MS,
  );
  return value;
}

export interface CheckButton {
  readonly repository: string;
  readonly checkRunId: number;
  /** Of the button; null for "re-run". */
  readonly identifier: string | null;
  readonly login: string;
}

/** Only the App that made the check run hears of it. @throws Error for an unknown check run or button. */
export function requestCheckAction(
  world: World,
  { repository: fullName, checkRunId, identifier, login }: CheckButton,
): void {
  const repository = findRepository(world.state, fullName);
  const run = repository?.check_runs.get(checkRunId);
  const isKnown = identifier === null || run?.actions.some((action) => action.identifier === identifier);
  if (!repository || !run || !isKnown)
    throw new Error(`${fullName} has no check run ${checkRunId} with a button ${identifier}.`);
  const user = ensureUser(world.state, login);
  emit(world, {
    repository,
    actor: { kind: 'user', user, app: null, token: null, permissions: 'all' },
    event: 'check_run',
    action: identifier === null ? 'rerequested' : 'requested_action',
    onlyAppId: run.app_id,
    payload: {
      check_run: { ...checkRunJson(world, repository, run), check_suite: suiteJson(world, repository, run) },
      ...(identifier === null ? {} : { requested_action: { identifier } }),
    },
  });
}

export interface MergeGroup {
  readonly repository: string;
  readonly headSha: string;
  /** `refs/heads/gh-readonly-queue/<base>/pr-<number>-<sha>`. */
  readonly headRef: string;
}

/** A merge queue wants the checks of a group; the group's commit and branch are there already. */
export function requestGroupChecks(
  world: World,
  { repository: fullName, headSha, headRef }: MergeGroup,
): void {
  const repository = findRepository(world.state, fullName);
  if (!repository) throw new Error(`The stand-in has no repository ${fullName}.`);
  emit(world, {
    repository,
    actor: { kind: 'user', user: repository.owner, app: null, token: null, permissions: 'all' },
    event: 'merge_group',
    action: 'checks_requested',
    payload: {
      merge_group: {
        head_sha: headSha,
        head_ref: headRef,
        base_ref: `refs/heads/${repository.default_branch}`,
      },
    },
  });
}
