/** Orders to a run that is under way, where its job finds them: a ref for each command, on a commit with one small file. */
import { type RepoName, type RestClient, statusOf } from '../api/rest.ts';

export const orderFile = 'order.json';

export interface Order {
  readonly maxBudgetUsd: number;
  /** Login of the person who ordered it; null where it is not told. */
  readonly by: string | null;
}

/** Below it stands one ref an order, named by the id of its command. */
export function ordersRef(run: string): string {
  return `refs/gump/orders/${run}`;
}

/** Null for text that is no order. */
export function parseOrder(text: string): Order | null {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  const { max_budget: usd, by } = (typeof value === 'object' && value !== null ? value : {}) as Record<
    string,
    unknown
  >;
  if (typeof usd !== 'number' || !(usd > 0) || usd > 1_000_000) return null;
  return { maxBudgetUsd: usd, by: typeof by === 'string' && by.length <= 100 ? by : null };
}

/** Doing it again for the same command changes nothing. */
export async function putOrder(
  client: RestClient,
  { owner, repo }: RepoName,
  { run, commentId, order }: { readonly run: string; readonly commentId: number; readonly order: Order },
): Promise<void> {
  const content = `${JSON.stringify({ max_budget: order.maxBudgetUsd, by: order.by })}\n`;
  const tree = await client.request('POST /repos/{owner}/{repo}/git/trees', {
    ...{ owner, repo, tree: [{ path: orderFile, mode: '100644', type: 'blob', content }] },
  });
  const commit = await client.request('POST /repos/{owner}/{repo}/git/commits', {
    ...{ owner, repo, message: `gump: an order to ${run}`, tree: tree.data.sha, parents: [] },
  });
  try {
    await client.request('POST /repos/{owner}/{repo}/git/refs', {
      ...{ owner, repo, ref: `${ordersRef(run)}/${commentId}`, sha: commit.data.sha },
    });
  } catch (error) {
    if (statusOf(error) !== 422) throw error;
  }
}
