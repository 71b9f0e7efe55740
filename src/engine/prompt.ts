/** What stands around the rendered prompt (language.md §3): the kind of result, the task's files, context, what went wrong before. */
import { limits } from '../limits.ts';
import { cutMiddle } from '../template/cut.ts';
import type { StepKind } from '../workflow/workflow.ts';
import type { Place } from './place.ts';
import { lastAttempt, relativeNumber } from './retry.ts';
import type { AttemptState, StepState } from './state.ts';
import { failureOf } from './values.ts';

/** The template of the present attempt: an override alone where the conversation goes on, behind the step's own where it is new. */
export function promptTemplate(place: Place, step: StepState, session: 'new' | 'resume'): string {
  const own = place.node.step.prompt ?? '';
  const override = relativeNumber(step) > 1 ? step.overrides.prompt : undefined;
  if (override === undefined) return own;
  return session === 'resume' ? override : `${own.trimEnd()}\n\n${override}`;
}

export interface ContextText {
  readonly title: string;
  readonly text: string;
}

interface PromptParts {
  readonly place: Place;
  readonly step: StepState;
  /** The template of `promptTemplate`, rendered. */
  readonly rendered: string;
  readonly context: readonly ContextText[];
  readonly resultFile: string;
  /** Why the round before failed, of the group around, where the prompt itself does not quote it; empty where there was none. */
  readonly roundBefore?: string;
  /** What is quoted of an error or an answer, in bytes. */
  readonly errorBytesMax: number;
}

export function composePrompt(parts: PromptParts): string {
  const { place, rendered, context, resultFile } = parts;
  const files = place.frames.at(-1)?.task?.files ?? null;
  const texts = [
    rendered,
    ...context.map(({ title, text }) => `## ${title}\n\n${cutMiddle(text, limits.contextBytesMax)}`),
    place.node.step.kind === 'code' && files ? `Change only these files: ${files.join(', ')}` : '',
    feedback(parts),
    expectation(place.node.step.kind, resultFile),
  ];
  return `${paragraphs(texts)}\n`;
}

/** Parts that say something, an empty line between them; what a part holds is not touched, its outer white space neither. */
function paragraphs(parts: readonly string[]): string {
  return parts
    .filter((part) => part.trim() !== '')
    .reduce(
      (text, part) => (text === '' ? part : `${text}${text.endsWith('\n') ? '\n' : '\n\n'}${part}`),
      '',
    );
}

/** On a retry: what went wrong, and how many attempts remain. A prompt of its own is told only what it does not quote. */
function feedback({ place, step, rendered, errorBytesMax, roundBefore = '' }: PromptParts): string {
  const number = relativeNumber(step);
  if (number === 1 && roundBefore !== '' && place.node.step.kind !== 'validate')
    return `## The round before failed\n\nThis step and those beside it are done again, on what was left. It failed because:\n\n${cutMiddle(roundBefore, errorBytesMax)}`;
  const { previous } = step;
  if (number < 2 || !previous) return '';
  const failed = `## Attempt ${previous.number} failed\n\n`;
  const why = `It failed because:\n\n${cutMiddle(failureOf(previous), errorBytesMax)}`;
  if (step.overrides.prompt !== undefined) return isQuoted(previous, rendered) ? '' : `${failed}${why}`;
  return `${failed}${lastAnswer(previous, errorBytesMax)}${why}\n\n${remaining(lastAttempt(place.node.step.retry) - number)}`;
}

/** An override that quotes the review says nothing where the compiler had failed. */
function isQuoted(attempt: AttemptState, rendered: string): boolean {
  const gates = Object.values(attempt.gates).filter(({ status }) => status === 'fail');
  const texts = gates.map(({ comments, reason }) => comments || reason);
  return (texts.length > 0 ? texts : [failureOf(attempt)]).every((text) => rendered.includes(text.trim()));
}

function lastAnswer({ end }: AttemptState, bytesMax: number): string {
  const output = end?.output ?? '';
  return output.trim() === '' ? '' : `Your last answer was:\n\n${cutMiddle(output, bytesMax)}\n\n`;
}

function remaining(left: number): string {
  if (left <= 0) return 'This is the last attempt.';
  return `After this one, ${left} more attempt${left === 1 ? '' : 's'} remain${left === 1 ? 's' : ''}.`;
}

function expectation(kind: StepKind, resultFile: string): string {
  if (kind === 'split') {
    return `Change nothing. Answer with a JSON array of tasks, [{"name": "…", "description": "…", "files": ["…"]}]: names of letters, digits, - and _; files are paths or globs relative to the repository. If you cannot answer in a structured way, write the JSON to ${resultFile}`;
  }
  if (kind === 'validate') {
    return `Change nothing. Answer with a JSON object {"pass": true or false, "comments": "…", "findings": [{"path": "…", "line": 1, "severity": "error", "body": "…"}]}; comments are required when pass is false. If you cannot answer in a structured way, write the JSON to ${resultFile}`;
  }
  return 'Work in the current directory. When you have finished, say in a few sentences what you did, unless you were asked to end in another way.';
}
