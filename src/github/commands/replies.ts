/** Answers to commands, as markdown. Pure. */

import { problemText } from '../issue-spec/spec-comment.ts';
import type { Job } from '../runs/jobs.ts';
import { grammar, verbs } from './grammar.ts';

/** What `/gump help` says. */
export function helpReply(): string {
  const rows = verbs.map((verb) => `| \`/gump ${grammar[verb].usage}\` | ${grammar[verb].does} |`);
  return [
    'Commands are the first line of a comment, on the issue or its pull request, and need write permission:',
    '',
    '| command | what it does |',
    '|---|---|',
    ...rows,
  ].join('\n');
}

/** The one reply to a command with problems. */
export function problemsReply(problems: readonly string[]): string {
  const list =
    problems.length === 1
      ? problemText(problems[0] ?? '')
      : problems.map((problem) => `- ${problem}`).join('\n');
  return `Nothing was started.\n\n${list}\n\n\`/gump help\` lists the commands.`;
}

export interface StatusFacts {
  /** Null: there was none. */
  readonly run: string | null;
  /** What its ledger says, in a line; null where there is none. */
  readonly said: string | null;
  /** The last one, and every one that is not over; newest first. */
  readonly jobs: readonly Pick<Job, 'runId' | 'isWaiting' | 'word' | 'url'>[];
  readonly pull: { readonly number: number; readonly state: string; readonly draft: boolean } | null;
}

export function statusReply({ run, said, jobs, pull }: StatusFacts): string {
  if (run === null && jobs.length === 0) return 'No run of this issue is known. `/gump run` starts one.';
  return [
    `- run: ${run === null ? 'not known yet (its ledger is not pushed)' : `\`${run}\``}`,
    ...(said === null ? [] : [`- state: ${said}`]),
    ...(jobs.length === 0 ? ['- job: none is known'] : jobs.map(jobLine)),
    `- pull request: ${pull === null ? 'none yet' : `#${pull.number} (${pull.draft ? 'draft' : pull.state})`}`,
  ].join('\n');
}

function jobLine({ runId, isWaiting, word, url }: StatusFacts['jobs'][number]): string {
  return `- job: [${isWaiting ? 'waiting' : word}](${url}) of \`${runId}\``;
}
