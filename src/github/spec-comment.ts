/** What the issue's one comment says about the spec. Pure: facts in, markdown out. */
import { type Remark, rulesCount } from '../spec/quality.ts';
import { defuse, defuseLine, fence } from './defuse.ts';
import { replaceBlock, specEnd, specStart } from './markers.ts';

/** What is known of a workflow before it runs. */
export interface WorkflowFacts {
  readonly name: string;
  /** Names as the file says them, in order, each once; empty where it names none. */
  readonly agents: readonly string[];
  readonly maxBudgetUsd: number | null;
  /** Why it cannot be told what the workflow does: one sentence, or several lines with places; null where it can. */
  readonly problem: string | null;
}

export interface SpecComment {
  readonly text: string;
  /** What cleaning took out, one phrase each. */
  readonly removed: readonly string[];
  /** What a reader should mend before the text runs. */
  readonly quality: readonly Remark[];
  readonly branch: string;
  readonly path: string;
  /** Of the file on its branch. */
  readonly fileUrl: string;
  readonly editUrl: string;
  readonly workflow: WorkflowFacts;
  /** What else a reader should know, one sentence each. */
  readonly notes: readonly string[];
}

/** The spec's part of the comment, without its marks; at most 40,000 characters, the spec cut in its middle. */
export function specBlock(comment: SpecComment): string {
  const { workflow } = comment;
  const facts = [
    `**Workflow** \`${workflow.name}\``,
    workflow.agents.length > 0
      ? `**agents** ${workflow.agents.map((name) => `\`${name}\``).join(', ')}`
      : null,
    workflow.problem
      ? null
      : `**budget** ${workflow.maxBudgetUsd === null ? 'no limit' : `$${workflow.maxBudgetUsd.toFixed(2)}`}`,
  ];
  const removed = comment.removed.map((phrase) => `- ${defuseLine(phrase)}`);
  return [
    '### Spec',
    '',
    facts.filter((fact) => fact !== null).join(' · '),
    ...(workflow.problem ? ['', `⚠️ ${problemText(workflow.problem)}`] : []),
    '',
    fence(comment.text, specCharactersMax, `whole text: ${comment.fileUrl}`).replace(
      /^(`+)text\n/,
      '$1markdown\n',
    ),
    ...(removed.length > 0 ? ['', '**Removed from the text before an agent sees it:**', '', ...removed] : []),
    '',
    ...qualityLines(comment.quality),
    ...comment.notes.flatMap((note) => ['', `> ${note}`]),
    '',
    `This is the file [\`${comment.path}\`](${comment.fileUrl}) on the branch \`${comment.branch}\`; ` +
      `[edit it there](${comment.editUrl}), and what stands there when the command comes is what runs.`,
    '',
    'To start, somebody with write permission comments:',
    '',
    '```text',
    '/gump run',
    '```',
  ].join('\n');
}

function qualityLines(remarks: readonly Remark[]): readonly string[] {
  if (remarks.length === 0) return [`**Quality** ✅ none of ${rulesCount} rules has a remark.`];
  return [
    `**Quality** ${remarks.length} of ${rulesCount} rules ${remarks.length === 1 ? 'has a remark' : 'have remarks'}; a run can start all the same:`,
    '',
    ...remarks.map(({ code, text }) => `- \`${code}\` ${defuse(text, 600)}`),
  ];
}

/** A sentence as it is; lines that point at places in a block of their own. */
export function problemText(problem: string): string {
  return problem.includes('\n') ? `This cannot run:\n\n${fence(problem, 12_000)}` : problem;
}

/** A comment's body with its spec part replaced, the rest as it was. */
export function withSpec(body: string, block: string): string {
  return replaceBlock(body, { start: specStart, end: specEnd }, block);
}

/** The body of a new comment. */
export function newSpecComment(block: string): string {
  return `${specStart}\n${block}\n${specEnd}\n`;
}

/** Leaves room for the run's progress in the same comment. */
const specCharactersMax = 36_000;
