/** What a workflow would do, read from the default branch; the host knows how to read workflows. */
import type { IncomingConfig } from './incoming.ts';
import { orNull, type RestClient } from './rest.ts';
import type { WorkflowFacts } from './spec-comment.ts';
import type { IssueFacts } from './trigger.ts';

/** Text of a file of the default branch; null where it has none. */
export type ReadFile = (path: string) => Promise<string | null>;

export type DescribeWorkflow = (name: string, readFile: ReadFile) => Promise<WorkflowFacts>;

/** The facts as the host tells them. */
export async function workflowFacts(
  { client, issue, config }: { client: RestClient; issue: IssueFacts; config: IncomingConfig },
  name: string,
): Promise<WorkflowFacts> {
  return await config.describeWorkflow(name, async (path) => {
    const { owner, repo, defaultBranch } = issue;
    const answer = await orNull(
      client.request('GET /repos/{owner}/{repo}/contents/{path}', { owner, repo, path, ref: defaultBranch }),
    );
    const data = answer?.data;
    if (!data || Array.isArray(data) || data.type !== 'file' || !('content' in data)) return null;
    return Buffer.from(data.content, 'base64').toString('utf8');
  });
}
