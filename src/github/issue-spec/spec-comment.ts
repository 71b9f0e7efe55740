/** What the issue's one comment says about the spec. Pure: facts in, markdown out. */

import { limits } from '../../limits.ts';
import { zeroWidth } from '../../report/references.ts';
import { type Remark, rulesCount } from '../../spec/quality.ts';
import { type Spec, specFromText } from '../../spec/spec.ts';
import { boxLine } from '../commands/boxes.ts';
import type { ChosenBy } from '../commands/choices.ts';
import { defuse, defuseLine, fence } from '../defuse.ts';
import { replaceBlock, specAsOfMarker, specEnd, specHashMarker, specStart } from '../markers.ts';
import type { ChosenRun } from '../runs/workflow-facts.ts';

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
  readonly spec: Spec;
  /** What a reader should mend before the text runs. */
  readonly quality: readonly Remark[];
  readonly branch: string;
  readonly path: string;
  /** Of the file on its branch. */
  readonly fileUrl: string;
  readonly editUrl: string;
  readonly run: ChosenRun;
  /** What else a reader should know, one sentence each. */
  readonly notes: readonly string[];
  /** The moment of the issue that it was made of; ISO 8601, UTC, whole seconds. */
  readonly asOf: string;
}

/** The spec's part of the comment, without its marks; at most 40,000 characters, the spec cut in its middle. */
export function specBlock(comment: SpecComment): string {
  const { spec, run } = comment;
  const removed = spec.removed.map((phrase) => `- ${defuseLine(phrase)}`);
  return [
    '### Spec',
    '',
    factsLine(run),
    ...run.problems.flatMap((problem) => ['', `⚠️ ${problemText(problem)}`]),
    '',
    specText(spec.text, comment.fileUrl),
    ...(removed.length > 0 ? ['', '**Removed from the text before an agent sees it:**', '', ...removed] : []),
    '',
    ...qualityLines(comment.quality),
    ...[...run.notes, ...comment.notes].flatMap((note) => ['', `> ${note}`]),
    '',
    `This is the file [\`${comment.path}\`](${comment.fileUrl}) on the branch \`${comment.branch}\`; ` +
      `[edit it there](${comment.editUrl}), and what stands there when the command comes is what runs.`,
    '',
    'To start, somebody with write permission comments `/gump run` or ticks the box:',
    '',
    boxLine('run', 'run'),
    specHashMarker(spec.hash),
    specAsOfMarker(comment.asOf),
  ].join('\n');
}

/** Folded where it is long: a run is told below it, in the same comment. */
function specText(text: string, fileUrl: string): string {
  const shown = fence(text, limits.shownSpecCharactersMax, `whole text: ${fileUrl}`).replace(
    /^(`+)text\n/,
    '$1markdown\n',
  );
  const lines = text.trimEnd().split('\n').length;
  if (lines <= openLinesMax) return shown;
  return `<details><summary>The spec, ${lines} lines</summary>\n\n${shown}\n\n</details>`;
}

/**
 * The spec that a comment of ours shows, byte for byte as it was when it was written; null where the comment shows none,
 * or only parts of it, or somebody has changed it.
 */
export function shownSpec(body: string, origin: string): Spec | null {
  const from = body.indexOf(specStart);
  const block = from < 0 ? '' : body.slice(from, body.indexOf(specEnd, from)).replaceAll('\r\n', '\n');
  const [, , quoted] = /^(`{3,})markdown\n([\s\S]*?)\n\1$/m.exec(block) ?? [];
  if (quoted === undefined) return null;
  const text = quoted.replaceAll(`<${zeroWidth}!--`, '<!--');
  const readings = [`${text}\n`, text].map((reading) => specFromText(reading, origin));
  return readings.find(({ hash }) => block.includes(specHashMarker(hash))) ?? null;
}

/** `**Workflow** \`tdd\` (label) · **agents** \`claude-opus\` · **budget** $5.00` */
function factsLine({ choices, facts, maxBudgetUsd }: ChosenRun): string {
  const by = (chosen: ChosenBy): string => (chosen === null ? '' : ` (${chosen})`);
  const budget = maxBudgetUsd ?? facts.maxBudgetUsd;
  const agents = choices.agent.value === null ? facts.agents : [choices.agent.value];
  return [
    `**Workflow** \`${facts.name}\`${by(choices.workflow.by)}`,
    ...(agents.length > 0
      ? [`**agents** ${agents.map((name) => `\`${name}\``).join(', ')}${by(choices.agent.by)}`]
      : []),
    ...(facts.problem
      ? []
      : [
          `**budget** ${budget === null ? 'no limit' : `$${budget.toFixed(2)}`}${maxBudgetUsd === null ? '' : by(choices.maxBudgetUsd.by)}`,
        ]),
  ].join(' · ');
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

/** About a screen. */
const openLinesMax = 60;
