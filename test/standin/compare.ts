import { commitJson } from './commits.ts';
import { diffFiles, diffText } from './diff.ts';
import { commitsBetween, listRefs, mergeBase, readCommits, resolveCommit } from './git.ts';
import { fileDiffJson } from './pulls-json.ts';
import { notFound, Refusal } from './refusal.ts';
import { repositoryApiUrl, repositoryHtmlUrl } from './repos.ts';
import { type Answer, ok, page, R, type RepositoryCall, type Route, route, text } from './router.ts';

async function compare(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call;
  const [baseName = '', headName = ''] = text(call.values.basehead).split('...');
  const dir = repository.git_dir;
  const [base, head] = await Promise.all(
    [baseName, headName].map((name) => resolveCommit(dir, name.replace(/^[^/:]+:/, ''))),
  );
  if (!base || !head) throw notFound();
  const common = await mergeBase(dir, base, head);
  if (!common) throw new Refusal(404, `No common ancestor between ${baseName} and ${headName}.`);
  if (/application\/vnd\.github\.(v3\.)?diff/.test(call.accept)) {
    return {
      status: 200,
      body: await diffText(dir, common, head),
      type: 'application/vnd.github.diff; charset=utf-8',
    };
  }
  const [ahead, behind] = await Promise.all([
    commitsBetween(dir, base, head),
    commitsBetween(dir, head, base),
  ]);
  const commits = await readCommits(dir, [...new Set([base, common, ...ahead])]);
  const json = (sha: string): unknown =>
    commits.filter((entry) => entry.sha === sha).map((entry) => commitJson(world, repository, entry))[0];
  const diverged = ahead.length > 0 && behind.length > 0;
  const files = await diffFiles(dir, common, head);
  const url = `${repositoryApiUrl(world, repository)}/compare/${baseName}...${headName}`;
  const html = `${repositoryHtmlUrl(world, repository)}/compare/${baseName}...${headName}`;
  return ok({
    url,
    html_url: html,
    permalink_url: html,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    base_commit: json(base),
    merge_base_commit: json(common),
    status: diverged ? 'diverged' : ahead.length > 0 ? 'ahead' : behind.length > 0 ? 'behind' : 'identical',
    ahead_by: ahead.length,
    behind_by: behind.length,
    total_commits: ahead.length,
    commits: ahead.slice(0, 250).map(json),
    files: files.map((file) => fileDiffJson(world, repository, file, head)),
  });
}

async function listBranches(call: RepositoryCall): Promise<Answer> {
  const { world, repository } = call;
  const refs = (await listRefs(repository.git_dir)).filter(({ ref }) => ref.startsWith('refs/heads/'));
  return page(
    call,
    refs.map(({ ref, sha }) => ({
      name: ref.slice('refs/heads/'.length),
      commit: { sha, url: `${repositoryApiUrl(world, repository)}/commits/${sha}` },
      protected: repository.protected_branches.includes(ref.slice('refs/heads/'.length)),
    })),
  );
}

async function oneBranch({ world, repository, values }: RepositoryCall): Promise<Answer> {
  const name = text(values.branch);
  const found = (await listRefs(repository.git_dir)).find(({ ref }) => ref === `refs/heads/${name}`);
  const [commit] = found ? await readCommits(repository.git_dir, [found.sha]) : [];
  if (!commit) throw new Refusal(404, 'Branch not found');
  const self = `${repositoryApiUrl(world, repository)}/branches/${name}`;
  return ok({
    name,
    commit: commitJson(world, repository, commit),
    _links: { self, html: `${repositoryHtmlUrl(world, repository)}/tree/${name}` },
    protected: repository.protected_branches.includes(name),
    protection: { enabled: repository.protected_branches.includes(name) },
    protection_url: `${self}/protection`,
  });
}

export const compareRoutes: readonly Route[] = [
  route('GET', `${R}/branches`, [['contents', 'read']], listBranches),
  route('GET', `${R}/branches/{branch}`, [['contents', 'read']], oneBranch),
  route('GET', `${R}/compare/{basehead}`, [['contents', 'read']], compare),
];
