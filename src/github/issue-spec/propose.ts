/** Makes and refreshes the spec of a labelled issue: a file on its branch, and the one comment that shows it. */

import { GumpError } from '../../errors.ts';
import { specFromIssue } from '../../spec/from-issue.ts';
import { qualityOf } from '../../spec/quality.ts';
import { type Spec, specFromText } from '../../spec/spec.ts';
import type { ReadPermission } from '../access.ts';
import { ensureComment, type IssueComment, isMarked, isOwn } from '../api/own-comment.ts';
import type { RestClient } from '../api/rest.ts';
import type { IncomingConfig } from '../incoming.ts';
import { isSpecNewer, statusMarker } from '../markers.ts';
import type { IssueFacts } from '../payload.ts';
import { chosenRun } from '../runs/workflow-facts.ts';
import { issueText } from './issue.ts';
import {
  createSpecBranch,
  growSpecBranch,
  readSpecFile,
  type SpecCommit,
  type SpecFile,
  specBranch,
  specCommits,
  specPath,
} from './spec-branch.ts';
import { newSpecComment, specBlock, withSpec } from './spec-comment.ts';

export interface ProposeOrder {
  readonly client: RestClient;
  readonly issue: IssueFacts;
  readonly config: IncomingConfig;
  readonly permissions: ReadPermission;
  readonly comments: readonly IssueComment[];
  /** True for `/gump spec`: a file that was edited on the branch before it is replaced too, by a commit on top. */
  readonly force: boolean;
  /** Our own account where it is known already. */
  readonly selfId: number | null;
}

/**
 * Writes the file where it is missing or ours and old, then the comment. Doing it twice changes nothing, and doing it late
 * neither: false where what stands there was made of a newer moment of the issue.
 */
export async function proposeSpec(order: ProposeOrder): Promise<boolean> {
  const { issue, comments, config } = order;
  const { serverUrl } = config;
  const marker = statusMarker('issue', issue.number);
  const own = comments.find((comment) => isMarked(comment, marker, config.self));
  if (own && isSpecNewer(own.body, issue.updatedAt)) return false;
  const { parts, notes } = await issueText({ ...order, before: null, serverUrl });
  const spec = specFromIssue(parts);
  const synced = await syncBranch(order, spec);
  const { file } = synced;
  const shown = file.text === spec.text ? spec : specFromText(file.text, spec.origin);
  await showSpec(order, { path: file.path, spec: shown, notes: [...synced.notes, ...notes] });
  return true;
}

/** Creates the comment, or replaces its spec part. */
export async function showSpec(
  order: Pick<ProposeOrder, 'client' | 'issue' | 'config'>,
  shown: { readonly path: string; readonly spec: Spec; readonly notes: readonly string[] },
): Promise<void> {
  const { client, issue, config } = order;
  const branch = specBranch(issue.number);
  const page = (kind: 'blob' | 'edit'): string =>
    `${config.serverUrl}/${issue.owner}/${issue.repo}/${kind}/${branch}/${shown.path}`;
  const block = specBlock({
    spec: shown.spec,
    quality: qualityOf(shown.spec),
    branch,
    path: shown.path,
    fileUrl: page('blob'),
    editUrl: page('edit'),
    run: await chosenRun(order, { command: null, spec: shown.spec.text }),
    notes: shown.notes,
    asOf: issue.updatedAt,
  });
  const wish = {
    issue,
    marker: statusMarker('issue', issue.number),
    body: newSpecComment(block),
    refresh: (body: string) => (isSpecNewer(body, issue.updatedAt) ? body : withSpec(body, block)),
  };
  await ensureComment(client, wish, config.self);
}

interface Synced {
  readonly file: SpecFile;
  readonly notes: readonly string[];
}

/** Up to three looks: the branch may appear or move while we write. */
async function syncBranch(order: ProposeOrder, spec: Spec): Promise<Synced> {
  for (let look = 0; look < 3; look++) {
    const synced = await syncOnce(order, spec);
    if (synced) return synced;
  }
  throw new GumpError(
    `The spec of #${order.issue.number} was not written: its branch moved three times meanwhile.`,
    {
      code: 'github',
      retryable: true,
    },
  );
}

async function syncOnce(order: ProposeOrder, spec: Spec): Promise<Synced | null> {
  const { client, issue, force } = order;
  const draft = {
    path: specPath(issue.number, issue.title),
    text: spec.text,
    message: `docs(spec): write the spec of #${issue.number}`,
  };
  const [head] = await specCommits(client, issue);
  if (!head) return (await createSpecBranch(client, issue, draft)) ? { file: draft, notes: [] } : null;
  const file = await readSpecFile(client, issue, head.tree);
  if (file && file.text === draft.text) return { file, notes: [] };
  const isForeign = head.pusher === null || head.pusher.id !== ownAccount(order);
  // An edit that is younger than the command is not what somebody wanted to have replaced.
  const mayReplace = force && (issue.updatedAt === '' || head.pushedAt <= issue.updatedAt);
  if (file && isForeign && !mayReplace) return await edited(order, { head, file, draft });
  const grown = { ...draft, path: file?.path ?? draft.path };
  return (await growSpecBranch(client, issue, { draft: grown, head })) ? { file: grown, notes: [] } : null;
}

interface Edited {
  readonly head: SpecCommit;
  readonly file: SpecFile;
  readonly draft: SpecFile;
}

/** An edit of somebody who may start a run stands; of others it stays where it is, and neither runs nor is shown. */
async function edited({ permissions }: ProposeOrder, { head, file, draft }: Edited): Promise<Synced> {
  const { pusher } = head;
  if (pusher !== null && (await permissions(pusher.login, pusher.id)).mayCommand) {
    const note = `The file was edited on its branch by \`${pusher.login}\` and stands; \`/gump spec\` makes it again from the issue.`;
    return { file, notes: [note] };
  }
  const who =
    pusher === null
      ? 'an account that GitHub does not know'
      : `\`${pusher.login}\`, who has no write permission`;
  const note = `The file on its branch was last edited by ${who}: it does not run, the text above does. \`/gump spec\` puts it there.`;
  return { file: { ...draft, path: file.path }, notes: [note] };
}

/** Our account's id, from a reaction of ours or from our comment on this very issue. */
function ownAccount({ selfId, comments, config }: ProposeOrder): number | null {
  return selfId ?? comments.find((comment) => isOwn(comment, config.self))?.userId ?? null;
}
