/** The latest run of an issue: the one whose ledger was pushed last. */
import type { RepoName, RestClient } from '../api/rest.ts';

export interface KnownRun {
  readonly run: string;
  /** The newest commit of its ledger. */
  readonly commit: string;
}

/** The newest run whose ledger was pushed; null where there is none. */
export async function latestRun(
  client: RestClient,
  issue: RepoName & { readonly number: number },
): Promise<KnownRun | null> {
  const { owner, repo, number } = issue;
  const ref = `gump/runs/issue-${number}-`;
  const path = 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}';
  const { data } = await client.request(path, { owner, repo, ref });
  const ledgers = data.map(({ ref: name, object }) => {
    return { run: name.slice('refs/gump/runs/'.length), commit: object.sha };
  });
  const newest = [/^(\d{1,15})(?:-fix|-replay)?$/, /^(\d{1,15})-review$/, /^(\d{1,15})-hand$/].flatMap(
    (form) => newestOf(ledgers, form) ?? [],
  );
  if (newest.length < 2) return newest[0] ?? null;
  // Comments, reviews and jobs are numbered apart: the ledger that was written to last is the newest one.
  const dates = await Promise.all(newest.map(({ commit }) => dateOf(client, issue, commit)));
  const last = dates.toSorted().at(-1) ?? '';
  return newest[dates.indexOf(last)] ?? null;

  function newestOf(all: typeof ledgers, form: RegExp) {
    const idOf = ({ run }: (typeof all)[number]) =>
      Number(form.exec(run.slice(`issue-${number}-`.length))?.[1]);
    return all.filter((ledger) => !Number.isNaN(idOf(ledger))).sort((a, b) => idOf(b) - idOf(a))[0];
  }
}

/** ISO 8601, UTC. */
async function dateOf(client: RestClient, { owner, repo }: RepoName, commit: string): Promise<string> {
  const path = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}';
  const { data } = await client.request(path, { owner, repo, commit_sha: commit });
  return data.committer.date;
}
