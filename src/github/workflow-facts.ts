/** What a workflow would do, read from the default branch; the host knows how to read workflows. */
import type { IncomingConfig } from './incoming.ts';
import { orNull, type RepoName, type RestClient } from './rest.ts';
import type { WorkflowFacts } from './spec-comment.ts';
import type { IssueFacts } from './trigger.ts';

/** Text of a file of a branch; null where it has none. */
export type ReadFile = (path: string) => Promise<string | null>;

/** What was asked for, and what runs where neither that nor the repository's gump.toml says. */
export interface WantedWorkflow {
  readonly named: string | null;
  readonly otherwise: string;
}

export type DescribeWorkflow = (wanted: WantedWorkflow, readFile: ReadFile) => Promise<WorkflowFacts>;

/** The facts as the host tells them; `named` is what a command or a label says. */
export async function workflowFacts(
  { client, issue, config }: { client: RestClient; issue: IssueFacts; config: IncomingConfig },
  named: string | null,
): Promise<WorkflowFacts> {
  const wanted = { named, otherwise: config.defaultWorkflow };
  const { owner, repo, defaultBranch: ref } = issue;
  return await config.describeWorkflow(wanted, fileReader(client, { owner, repo, ref }));
}

/** Reads files of a branch. */
export function fileReader(client: RestClient, place: RepoName & { readonly ref: string }): ReadFile {
  return async (path) => {
    const asked = client.request('GET /repos/{owner}/{repo}/contents/{path}', { ...place, path });
    const data = (await orNull(asked))?.data;
    if (!data || Array.isArray(data) || data.type !== 'file' || !('content' in data)) return null;
    return Buffer.from(data.content, 'base64').toString('utf8');
  };
}
