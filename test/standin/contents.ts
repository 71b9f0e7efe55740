import { inspect, readBlob, readTree, resolveCommit } from './git.ts';
import { notFound, Refusal } from './refusal.ts';
import { repositoryApiUrl, repositoryHtmlUrl } from './repos.ts';
import { type Answer, ok, R, type RepositoryCall, type Route, route, text } from './router.ts';

async function contents(call: RepositoryCall): Promise<Answer> {
  const { world, repository, values } = call;
  const path = text(values.path).replace(/\/+$/, '');
  const ref = text(values.ref) || repository.default_branch;
  const commit = await resolveCommit(repository.git_dir, ref);
  if (!commit) throw new Refusal(404, `No commit found for the ref ${ref}`);
  const [object] = await inspect(repository.git_dir, [
    path === '' ? `${commit}^{tree}` : `${commit}:${path}`,
  ]);
  if (!object) throw notFound();
  if (object.type === 'tree') {
    const entries = await readTree(repository.git_dir, object.sha, false);
    return ok(
      entries.map((entry) =>
        contentJson(call, { ...entry, path: path ? `${path}/${entry.path}` : entry.path }, ref),
      ),
    );
  }
  const bytes = await readBlob(repository.git_dir, object.sha);
  if (/application\/vnd\.github\.(v3\.)?raw/.test(call.accept)) {
    return { status: 200, body: bytes.toString(), type: 'application/vnd.github.raw+json; charset=utf-8' };
  }
  const content = bytes.toString('base64').replace(/.{60}/g, '$&\n');
  return ok({ ...contentJson({ world, repository }, { ...object, path }, ref), encoding: 'base64', content });
}

function contentJson(
  { world, repository }: Pick<RepositoryCall, 'world' | 'repository'>,
  entry: { readonly path: string; readonly sha: string; readonly size: number | null; readonly type: string },
  ref: string,
): Record<string, unknown> {
  const isDirectory = entry.type === 'tree';
  const api = repositoryApiUrl(world, repository);
  const html = `${repositoryHtmlUrl(world, repository)}/${isDirectory ? 'tree' : 'blob'}/${ref}/${entry.path}`;
  const url = `${api}/contents/${encodeURI(entry.path)}?ref=${encodeURIComponent(ref)}`;
  const git = `${api}/git/${isDirectory ? 'trees' : 'blobs'}/${entry.sha}`;
  return {
    name: entry.path.split('/').at(-1) ?? '',
    path: entry.path,
    sha: entry.sha,
    size: entry.size ?? 0,
    url,
    html_url: html,
    git_url: git,
    download_url: isDirectory ? null : html.replace('/blob/', '/raw/'),
    type: isDirectory ? 'dir' : 'file',
    _links: { self: url, git, html },
  };
}

export const contentRoutes: readonly Route[] = [
  route('GET', `${R}/contents/{path}`, [['contents', 'read']], contents),
];
