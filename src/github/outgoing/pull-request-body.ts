/** What the body of the run's pull request says: our block in it, the rest is whoever wrote it. Pure. */
import { limits } from '../../limits.ts';
import { cutMiddle } from '../cut.ts';
import { progressEnd, progressStart, pullRequestMarker, replaceBlock } from '../markers.ts';
import { statusBlock } from './status.ts';
import type { GithubView } from './view.ts';

export interface Said {
  readonly view: GithubView;
  readonly branch: string;
  /** Of the pull request; null while there is none. */
  readonly number: number | null;
  /** The issue that the run answers; null: none. */
  readonly issue: number | null;
  readonly runUrl: string;
}

/** Of a pull request that is opened now. */
export function newBody(said: Said): string {
  const block = `${progressStart}\n${blockOf(said)}\n${progressEnd}`;
  const what = `Made from a spec by the workflow \`${said.view.summary.workflow}\`, judged by its gates. Each attempt is a commit, each gate a check on the commit it judged; how each step went is told in the comment below.`;
  return limited(`${pullRequestMarker(said.view.run)}\n${what}\n\n${block}\n`, block);
}

/** The body as it stands with the block of this run in place of what an earlier one, or this one, has said. */
export function updatedBody(before: string, said: Said): string {
  const marked = before.replace(markerOfAnyRun, pullRequestMarker(said.view.run));
  return limited(replaceBlock(marked, marks, blockOf(said)), marked);
}

/** The issue is closed by the merge only when the result passed. */
export function blockOf({ view, branch, number, issue, runUrl }: Said): string {
  const link =
    issue === null || issue === number ? '' : `${view.pullRequest.ready ? 'Closes' : 'Refs'} #${issue}\n\n`;
  const draft =
    view.ended && !view.pullRequest.ready ? '\n\nThe run did not pass, so this stays a draft.' : '';
  const facts = { summary: view.summary, branch, runUrl, issue: null, pullRequest: null, brief: true };
  return `${link}${statusBlock(facts)}${draft}`;
}

/** False for a body of this very run, and for one that a person wrote. */
export function isOfAnEarlierRun(body: string, run: string): boolean {
  return markerOfAnyRun.test(body) && !body.startsWith(pullRequestMarker(run));
}

const marks = { start: progressStart, end: progressEnd } as const;

const markerOfAnyRun = /^<!-- gump:pull-request [A-Za-z0-9_-]+ -->/;

/** The body, or where it is too long what was there before. */
function limited(body: string, otherwise: string): string {
  return body.length <= limits.commentCharactersMax
    ? body
    : cutMiddle(otherwise, { charactersMax: limits.commentCharactersMax });
}
