/** Tells on the issue that a run did not start, or broke off: in the one status comment, with the next step. */
import { explain, GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { GithubClient } from './api/client.ts';
import { failureOf } from './api/failure.ts';
import { ensureComment, listComments, type Self } from './api/own-comment.ts';
import { cutMiddle } from './cut.ts';
import { defuse, fence } from './defuse.ts';
import { progressEnd, progressStart, replaceBlock, statusMarker } from './markers.ts';

export interface Trouble {
  readonly client: GithubClient;
  readonly owner: string;
  readonly repo: string;
  readonly issue: number;
  /** Null where it is not known which run it would have been. */
  readonly runId: string | null;
  /** The page of the job. */
  readonly runUrl: string;
  readonly error: unknown;
  readonly log: (line: string) => void;
}

/** Never throws: what cannot be told here stands in the job's log. */
export async function tellTrouble(trouble: Trouble): Promise<void> {
  const { client, owner, repo, issue, log } = trouble;
  try {
    const marker = statusMarker('issue', issue);
    const place = { owner, repo, number: issue };
    const comments = await listComments(client.octokit, place);
    // The App and the Action share the comment; here only a bot's counts, by whatever App it is.
    const ours = comments.find((one) => one.isBot && one.body.split(/\r?\n/, 1)[0] === marker);
    const self: Self = { appIds: ours?.appId ? [ours.appId] : [], userId: ours?.userId ?? null };
    const refresh = (body: string): string => withTrouble(body, trouble);
    await ensureComment(
      client.octokit,
      { issue: place, marker, body: withTrouble('', trouble), refresh },
      self,
    );
  } catch (error) {
    log(`Issue #${issue} was not told that: ${failureOf(error, Date.now()).message}`);
  }
}

/** The body with the trouble in the run's part: above what the run has shown, or alone where it has shown nothing. */
export function withTrouble(body: string, { runId, runUrl, error }: Trouble): string {
  const start = body.indexOf(progressStart);
  const end = body.indexOf(progressEnd);
  const shown = start < 0 || end < start ? '' : body.slice(start + progressStart.length, end).trim();
  const isShown = runId !== null && shown.includes(`run \`${runId}\` `);
  const told = troubleText(error);
  const title = '### Run';
  const rest = isShown
    ? shown.replace(/^### Run\s*/, '').replace(/^❌ \*\*Broken off\*\*[\s\S]*?<!-- \/gump:trouble -->\s*/, '')
    : [
        `${runId === null ? '' : `run \`${runId}\` · `}[log](${runUrl})`,
        error instanceof GumpError && error.code === 'usage'
          ? 'When that is mended, comment `/gump run`.'
          : 'Comment `/gump resume` to go on, or `/gump run` to start anew.',
      ].join('\n\n');
  const head = isShown ? '❌ **Broken off**' : '❌ **Not started**';
  const block = `${title}\n\n${head}\n\n${told}\n<!-- /gump:trouble -->\n\n${rest}`;
  const marks = { start: progressStart, end: progressEnd };
  return cutMiddle(replaceBlock(body, marks, block), { charactersMax: limits.commentCharactersMax - 200 });
}

/** One line as prose; several as they are, in a block: diagnostics point at columns. */
function troubleText(error: unknown): string {
  const text = explain(error).trim();
  return text.includes('\n') ? fence(text, 12_000) : `> ${defuse(text, 2_000)}`;
}
