/** Reads `/gump <verb> [arguments]` from the first line of a comment. Pure: text in, data out. */
import { limits } from '../../limits.ts';
import { type Grammar, grammar, type Verb, verbs } from './grammar.ts';
import { dollarsOf, isStepName, isWorkflowName, shown, unknown } from './names.ts';
import { applyOption, noOptions, type RunOptions, readOption } from './options.ts';

export interface Command {
  /** Null: a verb that is not known; `problems` names the nearest. */
  readonly verb: Verb | null;
  /** Null where the default is meant, and for verbs that take none. */
  readonly workflow: string | null;
  readonly options: RunOptions;
  /** What stands behind the verb, as written, with one space between words; empty where nothing does. */
  readonly argument: string;
  /** One sentence each, safe to show; a command with a problem must not be carried out. */
  readonly problems: readonly string[];
}

/**
 * The command that a comment's first line is, or null where it is none: no `/gump` at its very beginning, or the
 * line is quoted, indented as code (four spaces or a tab) or the opening of a fenced block.
 */
export function parseCommand(body: string): Command | null {
  const line = (body.split(/\r\n|\r|\n/, 1)[0] ?? '').slice(0, limits.commandCharactersMax);
  const match = /^ {0,3}\/gump(?:\s+(.*))?$/u.exec(line);
  if (!match) return null;
  const words = (match[1] ?? '').trim().split(/\s+/).filter(Boolean);
  const [first = 'help', ...rest] = words;
  const verb = verbs.find((known) => known === first.toLowerCase()) ?? null;
  const blank = { workflow: null, options: noOptions, argument: rest.join(' '), problems: [] };
  if (verb === null) return { ...blank, verb, problems: [unknown('command', first, verbs)] };
  return { ...blank, verb, ...readWords(verb, rest) };
}

type Read = Pick<Command, 'workflow' | 'options' | 'problems'>;

function readWords(verb: Verb, words: readonly string[]): Read | null {
  const { operand, options: known } = grammar[verb];
  if (operand === 'text') return null;
  const problems: string[] = [];
  const operands: string[] = [];
  let options = noOptions;
  const seen = new Set<string>();
  for (const word of words) {
    const option = readOption(word, known);
    if (option === null) {
      operands.push(word);
      continue;
    }
    const result = applyOption(options, option, { verb, known });
    if ('problem' in result) problems.push(result.problem);
    else if (seen.has(option.name)) problems.push(`The option ${shown(option.name)} is given twice.`);
    else options = result.options;
    seen.add(option.name);
  }
  const wrong = operandProblem(verb, operands);
  const workflow = operand === 'workflow' && !wrong ? (operands[0] ?? null) : null;
  return { workflow, options, problems: wrong ? [wrong, ...problems] : problems };
}

interface OperandRule {
  /** True where the command means nothing without it. */
  readonly needed: boolean;
  readonly test: (word: string) => boolean;
  /** As in "it cannot be …" and "more than one …". */
  readonly what: string;
}

const operandRules: Readonly<Record<Exclude<Grammar['operand'], 'text' | 'nothing'>, OperandRule>> = {
  workflow: {
    needed: false,
    test: isWorkflowName,
    what: 'the name of a workflow (letters, digits, `_`, `-`)',
  },
  step: { needed: true, test: isStepName, what: 'the name of a step, for example `build/task-1/converge`' },
  dollars: {
    needed: true,
    test: (word) => dollarsOf(word) !== null,
    what: 'an amount in US dollars above 0, for example `20.00`',
  },
};

function operandProblem(verb: Verb, words: readonly string[]): string | null {
  const { operand } = grammar[verb];
  const [first, second] = words;
  if (operand === 'text') return null;
  if (operand === 'nothing') {
    return first === undefined
      ? null
      : `\`/gump ${verb}\` was not carried out: it takes nothing, and ${shown(first)} stands behind it.`;
  }
  const { needed, test, what } = operandRules[operand];
  if (first === undefined) return needed ? `\`/gump ${verb}\` needs ${what}.` : null;
  const wrong = words.find((word) => !test(word));
  if (wrong !== undefined) return `${shown(wrong)} cannot be ${what}.`;
  if (second === undefined) return null;
  return `More than one ${operand === 'dollars' ? 'amount' : operand} is named: ${shown(first)} and ${shown(second)}.`;
}
