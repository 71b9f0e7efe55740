/** The spec as a file on a branch of its own, `gump/spec-<n>`: an orphan that only grows. Git data REST, no clone. */
import { GumpError } from '../../errors.ts';
import { limits } from '../../limits.ts';
import { orNull, type RepoName, type RestClient, statusOf } from '../api/rest.ts';

/** A commit of the branch. */
export interface SpecCommit {
  readonly sha: string;
  readonly tree: string;
  /** ISO 8601, UTC. */
  readonly pushedAt: string;
  /** Null: an account that GitHub does not know. */
  readonly pusher: { readonly login: string; readonly id: number } | null;
}

export interface SpecFile {
  /** `specs/<n>-<slug>/spec.md`. */
  readonly path: string;
  readonly text: string;
}

export interface SpecDraft extends SpecFile {
  /** Subject of the commit. */
  readonly message: string;
}

type IssueRef = RepoName & { readonly number: number };

export function specBranch(number: number): string {
  return `gump/spec-${number}`;
}

/** `specs/12-add-a-greeting/spec.md`; a title without a Latin letter or digit gives `specs/12/spec.md`. */
export function specPath(number: number, title: string): string {
  const slug = title
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 40)
    .replace(/^-+|-+$/g, '');
  return `specs/${number}${slug ? `-${slug}` : ''}/spec.md`;
}

/**
 * The newest commits of the branch (at most 100), newest first; empty where it does not exist. Who pushed them and when
 * is what GitHub has seen. Of a push that it does not list (yet, or on an old Enterprise Server) it is the committer.
 */
export async function specCommits(client: RestClient, issue: IssueRef): Promise<readonly SpecCommit[]> {
  const { owner, repo, number } = issue;
  const place = { owner, repo, per_page: 100 };
  const answer = await orNull(
    client.request('GET /repos/{owner}/{repo}/commits', { ...place, sha: specBranch(number) }),
  );
  if (!answer) return [];
  const pushes = await orNull(
    client.request('GET /repos/{owner}/{repo}/activity', {
      ...place,
      ref: `refs/heads/${specBranch(number)}`,
    }),
  );
  let push: Push | null = null;
  return answer.data.map((entry) => {
    const found = pushes?.data.find(({ after }) => after === entry.sha);
    // A push brings its newest commit and those below it.
    if (found) push = { pushedAt: found.timestamp, pusher: accountOf(found.actor) };
    const { sha, commit } = entry;
    return {
      ...{ sha, tree: commit.tree.sha },
      ...(push ?? { pushedAt: commit.committer?.date ?? '', pusher: committerOf(entry) }),
    };
  });
}

type Push = Pick<SpecCommit, 'pushedAt' | 'pusher'>;

type Account = { readonly login?: string; readonly id?: number | bigint } | null | undefined;

/**
 * Who made a commit as GitHub knows it. A commit of the web page is committed by `web-flow` for its author.
 * @source GitHub REST, "List commits": `author` and `committer` are the accounts, null where none is known (2026-11)
 */
function committerOf(entry: {
  readonly author?: Account;
  readonly committer?: Account;
}): SpecCommit['pusher'] {
  const { author, committer } = entry;
  return accountOf(committer?.login === 'web-flow' ? author : committer);
}

function accountOf(account: Account): SpecCommit['pusher'] {
  if (!account?.login || account.id === undefined) return null;
  return { login: account.login, id: Number(account.id) };
}

/**
 * The spec's file in a commit's tree; null where there is none, or more than one, or it is no plain file.
 * @throws GumpError `limit` for a file beyond `specBytesMax`.
 */
export async function readSpecFile(
  client: RestClient,
  issue: IssueRef,
  treeOrCommit: string,
): Promise<SpecFile | null> {
  const { owner, repo, number } = issue;
  const tree = await orNull(
    client.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', {
      owner,
      repo,
      tree_sha: treeOrCommit,
      recursive: '1',
    }),
  );
  const pattern = new RegExp(`^specs/${number}(?:-[a-z0-9-]+)?/spec\\.md$`);
  const found = (tree?.data.tree ?? []).filter(
    (entry) => entry.type === 'blob' && pattern.test(entry.path ?? ''),
  );
  const [entry] = found;
  if (found.length !== 1 || !entry?.path || !entry.sha || entry.mode === '120000') return null;
  if (Number(entry.size ?? 0) > limits.specBytesMax) {
    throw new GumpError(`The spec ${entry.path} was not read: it has ${entry.size} bytes.`, {
      code: 'limit',
      hint: `A spec may have ${limits.specBytesMax} bytes; shorten it or split the issue.`,
    });
  }
  const blob = await client.request('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', {
    owner,
    repo,
    file_sha: entry.sha,
  });
  return { path: entry.path, text: Buffer.from(blob.data.content, 'base64').toString('utf8') };
}

/** Creates the branch with the draft as its only commit; null where somebody else has just created it. */
export async function createSpecBranch(
  client: RestClient,
  issue: IssueRef,
  draft: SpecDraft,
): Promise<string | null> {
  const sha = await commitDraft(client, issue, draft, null);
  return await createRef(client, issue, `refs/heads/${specBranch(issue.number)}`, sha);
}

/**
 * Keeps a draft as an orphan under a ref of its own, off every branch. Where an earlier try has kept one, that is the
 * one: whatever was said since then, text and commit belong together.
 * Used where the branch cannot be what runs and must not be touched.
 */
export async function keepDraft(
  client: RestClient,
  issue: IssueRef,
  { draft, name }: { readonly draft: SpecDraft; readonly name: string },
): Promise<KeptDraft> {
  const known = await keptDraft(client, issue, name);
  if (known) return known;
  const sha = await commitDraft(client, issue, draft, null);
  const made = await createRef(client, issue, `refs/gump/specs/${name}`, sha);
  if (made) return { commit: made, text: draft.text, isNew: true };
  const kept = await keptDraft(client, issue, name);
  if (kept) return kept;
  throw new GumpError(`The spec was not kept: refs/gump/specs/${name} can neither be made nor read.`, {
    code: 'github',
    hint: 'Comment the command again.',
  });
}

/** What an earlier try has kept under the name; null where none has. */
export async function keptDraft(
  client: RestClient,
  issue: IssueRef,
  name: string,
): Promise<KeptDraft | null> {
  const { owner, repo } = issue;
  const path = 'GET /repos/{owner}/{repo}/git/ref/{ref}';
  const known = await orNull(client.request(path, { owner, repo, ref: `gump/specs/${name}` }));
  if (!known) return null;
  const commit = known.data.object.sha;
  const file = await readSpecFile(client, issue, commit);
  return file && { commit, text: file.text, isNew: false };
}

/** A frozen text and the commit that holds just this one. */
export interface KeptDraft {
  readonly commit: string;
  readonly text: string;
  /** True for the one who kept it: of two that try at once GitHub lets one make the ref. */
  readonly isNew: boolean;
}

/** A commit on top of the branch's head; null where the branch has moved meanwhile. */
export async function growSpecBranch(
  client: RestClient,
  issue: IssueRef,
  { draft, head }: { readonly draft: SpecDraft; readonly head: SpecCommit },
): Promise<string | null> {
  const sha = await commitDraft(client, issue, draft, head);
  const { owner, repo, number } = issue;
  try {
    await client.request('PATCH /repos/{owner}/{repo}/git/refs/{ref}', {
      owner,
      repo,
      ref: `heads/${specBranch(number)}`,
      sha,
      force: false,
    });
    return sha;
  } catch (error) {
    if (statusOf(error) === 422) return null;
    throw error;
  }
}

async function commitDraft(
  client: RestClient,
  { owner, repo }: IssueRef,
  draft: SpecDraft,
  parent: SpecCommit | null,
): Promise<string> {
  const tree = await client.request('POST /repos/{owner}/{repo}/git/trees', {
    owner,
    repo,
    tree: [{ path: draft.path, mode: '100644', type: 'blob', content: draft.text }],
    ...(parent ? { base_tree: parent.tree } : {}),
  });
  const commit = await client.request('POST /repos/{owner}/{repo}/git/commits', {
    owner,
    repo,
    message: draft.message,
    tree: tree.data.sha,
    parents: parent ? [parent.sha] : [],
  });
  return commit.data.sha;
}

/** @source GitHub REST, "Create a reference": 422 for a reference that exists (2026-11) */
async function createRef(
  client: RestClient,
  { owner, repo }: IssueRef,
  ref: string,
  sha: string,
): Promise<string | null> {
  try {
    await client.request('POST /repos/{owner}/{repo}/git/refs', { owner, repo, ref, sha });
    return sha;
  } catch (error) {
    if (statusOf(error) === 422) return null;
    throw error;
  }
}
