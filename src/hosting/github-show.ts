/** How a run is shown on GitHub: while it goes on, and again after its end. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { askLogin } from '../github/api/self.ts';
import { hasButtons, hostNotes } from '../github/outgoing/host-notes.ts';
import { createGithubSink, type GithubSink } from '../github/outgoing/sink.ts';
import type { Ended } from './github-prepare.ts';
import { folderOf, type GithubRunOptions, type GithubRunResult, type Site } from './github-site.ts';

/** What showing needs of a site. */
export interface Stand extends Pick<Site, 'client' | 'branch' | 'baseBranch' | 'root' | 'runId'> {
  readonly options: Pick<
    GithubRunOptions,
    'owner' | 'repo' | 'issue' | 'log' | 'annotate' | 'pushToken' | 'serverUrl' | 'env'
  >;
}

/** `only`: the path of the one branch whose checks are shown; everything else of the run somebody else shows. */
export async function githubSink(
  site: Stand,
  canWrite: boolean,
  only: string | null = null,
): Promise<GithubSink> {
  const { options, client, branch, baseBranch } = site;
  const { owner, repo, issue, log, annotate } = options;
  const login = await askLogin(client);
  return createGithubSink({
    ...{ client, owner, repo, issue, branch, baseBranch, canWrite, log, only },
    runUrl: runUrlOf(options),
    hostNotes: notesOf(site, login),
    hasButtons: hasButtons(login),
    readLog: async (name) => readArtifact(folderOf(site), name),
    ...(annotate ? { annotate } : {}),
  });
}

/** Somebody who gave a token of their own for pushing needs to hear nothing of the job's. */
function notesOf({ options }: Stand, login: string | null): readonly string[] {
  const pushesAs = options.pushToken === null ? login : null;
  return hostNotes({ pushesAs, startedBy: options.env.GITHUB_ACTOR ?? null });
}

/** The page of the job that runs this. */
export function runUrlOf({ serverUrl, owner, repo, env }: Stand['options']): string {
  return `${serverUrl}/${owner}/${repo}/actions/runs/${env.GITHUB_RUN_ID ?? ''}`;
}

/** Nothing is left to do, but an earlier job may not have been able to show all of it. */
export async function showAgain(site: Site, { ended, plan, past, again }: Ended): Promise<GithubRunResult> {
  const { options, runId } = site;
  const word = ended.status === 'pass' ? 'has passed already' : 'has ended already';
  options.log(`The run ${runId} ${word}: nothing is run. What GitHub does not show of it yet is shown now.`);
  const github = again ? await githubSink(site, true) : null;
  const sinks = [...options.sinks, ...(github ? [github] : [])];
  for (const sink of sinks) await sink.open(plan, past);
  for (const sink of sinks) await sink.close();
  return { ...ended, pullRequest: (await github?.pullRequest()) ?? null };
}

function readArtifact(folder: string, name: string): string | null {
  const path = join(folder, 'artifacts', name);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
}
