/** Where the latest run of an issue stands: from its ledger's ref, its job and its pull request. */
import type { StatusFacts } from './replies.ts';
import { orNull, type RestClient } from './rest.ts';
import type { IssueFacts } from './trigger.ts';

/** The id of the newest run whose ledger was pushed; null where there is none. */
export async function latestRun(client: RestClient, issue: IssueFacts): Promise<string | null> {
  const { owner, repo, number } = issue;
  const ref = `gump/runs/issue-${number}-`;
  const path = 'GET /repos/{owner}/{repo}/git/matching-refs/{ref}';
  const { data } = await client.request(path, { owner, repo, ref });
  const ledgers = data.map(({ ref: name, object }) => {
    return { run: name.slice('refs/gump/runs/'.length), commit: object.sha };
  });
  const [commanded, reviewed] = [
    newestOf(ledgers, /^(\d{1,15})(?:-fix)?$/),
    newestOf(ledgers, /^(\d{1,15})-review$/),
  ];
  if (!commanded || !reviewed) return (commanded ?? reviewed)?.run ?? null;
  // Comments and reviews are numbered apart: the ledger that was written to last is the newest one.
  const [one, other] = await Promise.all(
    [commanded, reviewed].map(({ commit }) => dateOf(client, issue, commit)),
  );
  return (one ?? '') >= (other ?? '') ? commanded.run : reviewed.run;

  function newestOf(all: typeof ledgers, form: RegExp) {
    const idOf = ({ run }: (typeof all)[number]) =>
      Number(form.exec(run.slice(`issue-${number}-`.length))?.[1]);
    return all.filter((ledger) => !Number.isNaN(idOf(ledger))).sort((a, b) => idOf(b) - idOf(a))[0];
  }
}

/** ISO 8601, UTC. */
async function dateOf(client: RestClient, { owner, repo }: IssueFacts, commit: string): Promise<string> {
  const path = 'GET /repos/{owner}/{repo}/git/commits/{commit_sha}';
  const { data } = await client.request(path, { owner, repo, commit_sha: commit });
  return data.committer.date;
}

export async function statusFacts(client: RestClient, issue: IssueFacts): Promise<StatusFacts> {
  const { owner, repo, number } = issue;
  const run = await latestRun(client, issue);
  const pulls = await client.request('GET /repos/{owner}/{repo}/pulls', {
    owner,
    repo,
    head: `${owner}:gump/issue-${number}`,
    state: 'all',
    per_page: 1,
  });
  const jobs = await orNull(
    client.request('GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', {
      owner,
      repo,
      workflow_id: 'gump.yml',
      event: 'workflow_dispatch',
      per_page: 50,
    }),
  );
  const job = jobs?.data.workflow_runs.find((entry) => entry.display_title.startsWith(`issue-${number}-`));
  const pull = pulls.data[0];
  return {
    run,
    job: job ? { status: job.status ?? 'queued', conclusion: job.conclusion, url: job.html_url } : null,
    pull: pull ? { number: pull.number, state: pull.state, draft: pull.draft === true } : null,
  };
}
