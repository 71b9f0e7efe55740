import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { grants } from './auth.ts';
import { gitCommitJson } from './commits.ts';
import {
  GitFailure,
  git,
  gitText,
  inspect,
  isAncestor,
  listRefs,
  readBlob,
  readCommits,
  readTree,
  writeCommit,
} from './git.ts';
import { refsMoved } from './refs.ts';
import { invalid, notFound, Refusal } from './refusal.ts';
import { repositoryApiUrl } from './repos.ts';
import { type Answer, NO_CONTENT, ok, R, type RepositoryCall, type Route, route, text } from './router.ts';
import { now } from './state.ts';

const ZERO = '0'.repeat(40);

function refJson(
  { world, repository }: RepositoryCall,
  ref: string,
  sha: string,
  type = 'commit',
): Record<string, unknown> {
  const api = repositoryApiUrl(world, repository);
  return {
    ref,
    node_id: `REF_${Buffer.from(`${repository.id}:${ref}`).toString('base64url')}`,
    url: `${api}/git/${ref}`,
    object: { type, sha, url: `${api}/git/${type}s/${sha}` },
  };
}

async function oneRef(call: RepositoryCall): Promise<Answer> {
  const name = `refs/${text(call.values.ref).replace(/^refs\//, '')}`;
  const found = (await listRefs(call.repository.git_dir)).find(({ ref }) => ref === name);
  if (!found) throw notFound();
  return ok(refJson(call, found.ref, found.sha, found.type));
}

async function matchingRefs(call: RepositoryCall): Promise<Answer> {
  const start = `refs/${text(call.values.ref).replace(/^refs\//, '')}`;
  const found = (await listRefs(call.repository.git_dir)).filter(({ ref }) => ref.startsWith(start));
  return ok(found.map(({ ref, sha, type }) => refJson(call, ref, sha, type)));
}

async function createRef(call: RepositoryCall): Promise<Answer> {
  const { repository, body } = call;
  const ref = text(body.ref);
  if (!/^refs\/[^/]+\/.+/.test(ref))
    throw new Refusal(422, "Reference name must start with 'refs/' and have at least two slashes.");
  await checkRefName(repository.git_dir, ref);
  const sha = await objectOr422(call, text(body.sha));
  if ((await listRefs(repository.git_dir)).some((entry) => entry.ref === ref)) {
    throw new Refusal(422, 'Reference already exists');
  }
  await refuseWorkflowChange(call, sha);
  await updateRef(call, ref, sha, ZERO);
  return ok(refJson(call, ref, sha), 201);
}

async function moveRef(call: RepositoryCall): Promise<Answer> {
  const { repository, body } = call;
  const ref = `refs/${text(call.values.ref)}`;
  const before = (await listRefs(repository.git_dir)).find((entry) => entry.ref === ref)?.sha;
  if (!before) throw new Refusal(422, 'Reference does not exist');
  const sha = await objectOr422(call, text(body.sha));
  const isProtected = repository.protected_branches.some((branch) => ref === `refs/heads/${branch}`);
  const forward = await isAncestor(repository.git_dir, before, sha);
  if (!forward && (body.force !== true || isProtected))
    throw new Refusal(422, 'Update is not a fast forward');
  await refuseWorkflowChange(call, sha);
  await updateRef(call, ref, sha, before);
  return ok(refJson(call, ref, sha));
}

async function deleteRef(call: RepositoryCall): Promise<Answer> {
  const ref = `refs/${text(call.values.ref)}`;
  const before = (await listRefs(call.repository.git_dir)).find((entry) => entry.ref === ref)?.sha;
  if (!before || ref === `refs/heads/${call.repository.default_branch}`) {
    throw new Refusal(422, before ? 'Cannot delete the default branch' : 'Reference does not exist');
  }
  await updateRef(call, ref, ZERO, before);
  return NO_CONTENT;
}

async function updateRef(
  { world, actor, repository }: RepositoryCall,
  ref: string,
  after: string,
  before: string,
): Promise<void> {
  if (ref.startsWith('refs/pull/')) throw new Refusal(422, 'Reference update failed');
  try {
    await git(
      repository.git_dir,
      after === ZERO ? ['update-ref', '-d', ref, before] : ['update-ref', ref, after, before],
    );
  } catch (error) {
    if (error instanceof GitFailure) throw new Refusal(422, 'Reference update failed');
    throw error;
  }
  await refsMoved(world, repository, actor, [{ ref, before, after }]);
}

async function checkRefName(gitDir: string, ref: string): Promise<void> {
  try {
    await git(gitDir, ['check-ref-format', ref]);
  } catch {
    throw new Refusal(422, `${ref} is not a valid ref name.`);
  }
}

async function objectOr422({ repository }: RepositoryCall, sha: string): Promise<string> {
  if (!/^[0-9a-f]{40}$/.test(sha))
    throw new Refusal(422, 'The sha parameter must be exactly 40 characters and contain only [0-9a-f].');
  const [object] = await inspect(repository.git_dir, [sha]);
  if (!object) throw new Refusal(422, 'Object does not exist');
  return sha;
}

/** An App without the `workflows` permission cannot bring in workflow files by any way. */
async function refuseWorkflowChange({ actor, repository }: RepositoryCall, sha: string): Promise<void> {
  if (grants(actor.permissions, 'workflows', 'write')) return;
  const paths = await gitText(repository.git_dir, [
    ...['log', '-c', '--format=', '--name-only', sha, '--not', '--all', '--', '.github/workflows'],
  ]);
  if (paths === '') return;
  throw new Refusal(
    422,
    `refusing to allow a GitHub App to create or update workflow \`${paths.split('\n')[0]}\` without \`workflows\` permission`,
  );
}

async function createBlob({ world, repository, body }: RepositoryCall): Promise<Answer> {
  const input = Buffer.from(text(body.content), body.encoding === 'base64' ? 'base64' : 'utf8');
  const sha = await gitText(repository.git_dir, ['hash-object', '-w', '--stdin'], { input });
  return ok({ sha, url: `${repositoryApiUrl(world, repository)}/git/blobs/${sha}` }, 201);
}

async function oneBlob({ world, repository, values }: RepositoryCall): Promise<Answer> {
  const [object] = await inspect(repository.git_dir, [text(values.file_sha)]);
  if (object?.type !== 'blob') throw notFound();
  const content = (await readBlob(repository.git_dir, object.sha)).toString('base64');
  const url = `${repositoryApiUrl(world, repository)}/git/blobs/${object.sha}`;
  return ok({
    sha: object.sha,
    node_id: `B_${object.sha}`,
    size: object.size,
    url,
    content,
    encoding: 'base64',
  });
}

interface NewEntry {
  readonly path?: string;
  readonly mode?: string;
  readonly sha?: string | null;
  readonly content?: string;
}

async function createTree(call: RepositoryCall): Promise<Answer> {
  const { repository, body } = call;
  const index = join(repository.git_dir, `index-${randomUUID()}`);
  const env = { GIT_INDEX_FILE: index };
  try {
    if (typeof body.base_tree === 'string') {
      const [base] = await inspect(repository.git_dir, [`${body.base_tree}^{tree}`]);
      if (!base) throw new Refusal(422, 'base_tree is not a valid tree oid');
      await git(repository.git_dir, ['read-tree', base.sha], { env });
    }
    for (const entry of body.tree as readonly NewEntry[]) await addEntry(call, entry, env);
    return ok(await treeJson(call, await gitText(repository.git_dir, ['write-tree'], { env }), false), 201);
  } finally {
    await rm(index, { force: true });
  }
}

async function addEntry(
  { repository }: RepositoryCall,
  entry: NewEntry,
  env: Record<string, string>,
): Promise<void> {
  const { path = '', mode = '100644' } = entry;
  const dir = repository.git_dir;
  const isBad =
    path === '' ||
    path.startsWith('/') ||
    path.split('/').some((part) => ['', '.', '..', '.git'].includes(part));
  if (isBad) throw new Refusal(422, `tree.path contains a malformed path component`);
  const input = entry.content;
  const sha =
    input === undefined ? entry.sha : await gitText(dir, ['hash-object', '-w', '--stdin'], { input });
  const line = sha === null ? `0 ${ZERO}\t${path}\0` : `${mode} ${sha ?? ''}\t${path}\0`;
  const [object] = sha ? await inspect(dir, [sha]) : [null];
  if (sha !== null && !object)
    throw new Refusal(422, `tree.sha ${sha ?? ''} is not a valid ${mode === '040000' ? 'tree' : 'blob'}`);
  if (object?.type === 'tree') await git(dir, ['read-tree', `--prefix=${path}/`, object.sha], { env });
  else await git(dir, ['update-index', '-z', '--index-info'], { env, input: line });
}

async function treeJson(
  { world, repository }: RepositoryCall,
  treeish: string,
  recursive: boolean,
): Promise<unknown> {
  const [tree] = await inspect(repository.git_dir, [`${treeish}^{tree}`]);
  if (!tree) throw notFound();
  const api = `${repositoryApiUrl(world, repository)}/git`;
  const entries = await readTree(repository.git_dir, tree.sha, recursive);
  return {
    sha: tree.sha,
    url: `${api}/trees/${tree.sha}`,
    truncated: false,
    tree: entries.map(({ path, mode, type, sha, size }) => ({
      ...{ path, mode, type, sha, url: `${api}/${type}s/${sha}` },
      ...(size === null ? {} : { size }),
    })),
  };
}

interface NewPerson {
  readonly name: string;
  readonly email: string;
  readonly date?: string;
}

async function createCommit(call: RepositoryCall): Promise<Answer> {
  const { world, actor, repository, body } = call;
  const [tree] = await inspect(repository.git_dir, [text(body.tree)]);
  if (tree?.type !== 'tree') throw new Refusal(422, 'Tree SHA does not exist');
  const parents = (body.parents as readonly string[] | undefined) ?? [];
  const found = parents.length > 0 ? await inspect(repository.git_dir, parents) : [];
  if (found.some((object) => object?.type !== 'commit'))
    throw new Refusal(422, 'Parent SHA does not exist or is not a commit object');
  const { login, id } = actor.user;
  const self = {
    name: login,
    email: `${id}+${login}@users.noreply.${new URL(world.url).hostname}`,
    date: now(),
  };
  const author = { ...self, ...(body.author as NewPerson | undefined) };
  const committer = { ...author, ...(body.committer as NewPerson | undefined) };
  const sha = await writeCommit(repository.git_dir, {
    tree: tree.sha,
    parents,
    author,
    committer,
    message: text(body.message),
  });
  const [commit] = await readCommits(repository.git_dir, [sha]);
  if (!commit) throw invalid([]);
  return ok(gitCommitJson(world, repository, commit), 201);
}

async function oneCommit({ world, repository, values }: RepositoryCall): Promise<Answer> {
  const [commit] = await readCommits(repository.git_dir, [text(values.commit_sha)]);
  if (!commit) throw notFound();
  return ok(gitCommitJson(world, repository, commit));
}

const READ = [['contents', 'read']] as const;
const WRITE = [['contents', 'write']] as const;

export const gitDataRoutes: readonly Route[] = [
  route('GET', `${R}/git/ref/{ref}`, READ, oneRef),
  route('GET', `${R}/git/matching-refs/{ref}`, READ, matchingRefs),
  route('POST', `${R}/git/refs`, WRITE, createRef),
  route('PATCH', `${R}/git/refs/{ref}`, WRITE, moveRef),
  route('DELETE', `${R}/git/refs/{ref}`, WRITE, deleteRef),
  route('POST', `${R}/git/blobs`, WRITE, createBlob),
  route('GET', `${R}/git/blobs/{file_sha}`, READ, oneBlob),
  route('POST', `${R}/git/trees`, WRITE, createTree),
  route('GET', `${R}/git/trees/{tree_sha}`, READ, async (call) =>
    // Any value of `recursive` means yes, even "0" and "false".
    ok(await treeJson(call, text(call.values.tree_sha), call.values.recursive !== undefined)),
  ),
  route('POST', `${R}/git/commits`, WRITE, createCommit),
  route('GET', `${R}/git/commits/{commit_sha}`, READ, oneCommit),
];
