/** Issues that an issue names: quoted in its spec, so that an agent need not, and cannot, look them up. */
import { limits } from '../../limits.ts';
import type { LinkedIssue } from '../../spec/from-issue.ts';
import { referencesIn } from '../../spec/references.ts';
import { type RestClient, statusOf } from '../api/rest.ts';
import type { IssueFacts } from '../payload.ts';

export interface LinkRules {
  /** Where references are looked for. */
  readonly text: string;
  /** Without a slash at its end. */
  readonly serverUrl: string;
  /** ISO 8601; an issue that changed at this moment or later is left out. Null: no such moment. */
  readonly before: string | null;
}

export interface Linked {
  readonly linked: readonly LinkedIssue[];
  /** What was left out, one sentence each. */
  readonly notes: readonly string[];
}

/** Of the same repository only, at most so many, in the order in which they are named. What is no issue is none. */
export async function linkedIssues(client: RestClient, issue: IssueFacts, rules: LinkRules): Promise<Linked> {
  const named = referencesIn(rules.text, { ...issue, serverUrl: rules.serverUrl });
  const read = named.slice(0, limits.linkedIssuesMax);
  const found = (await Promise.all(read.map((number) => readIssue(client, issue, number)))).flatMap(
    (one) => one ?? [],
  );
  const late = found.filter(({ updatedAt }) => rules.before !== null && updatedAt >= rules.before);
  const rest = named.slice(read.length);
  return {
    linked: found.filter((one) => !late.includes(one)),
    notes: [
      ...late.map(({ number }) => `Left out: the linked issue ${number}, which changed after the command.`),
      ...(rest.length > 0
        ? [
            `Left out: ${rest.length} more linked ${rest.length === 1 ? 'issue' : 'issues'}; ${limits.linkedIssuesMax} are quoted.`,
          ]
        : []),
    ],
  };
}

interface Found extends LinkedIssue {
  readonly updatedAt: string;
}

/**
 * Null where there is none, or a pull request has the number, or it was moved to another repository.
 * @source GitHub REST, "Get an issue": 301 for a transferred issue, 404 or 410 for a deleted one (2026-11)
 */
async function readIssue(
  client: RestClient,
  { owner, repo }: IssueFacts,
  number: number,
): Promise<Found | null> {
  try {
    const { data } = await client.request('GET /repos/{owner}/{repo}/issues/{issue_number}', {
      ...{ owner, repo },
      issue_number: number,
    });
    const isHere = data.repository_url.toLowerCase().endsWith(`/repos/${owner}/${repo}`.toLowerCase());
    if (!isHere || data.number !== number || data.pull_request) return null;
    return { number, title: data.title, body: data.body ?? '', updatedAt: data.updated_at };
  } catch (error) {
    if ([404, 410].includes(statusOf(error) ?? 0)) return null;
    throw error;
  }
}
