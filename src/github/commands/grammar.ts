/** The commands: what each is called, takes and does. The one table for parser and help. Pure. */
import type { OptionName } from './options.ts';

export type Verb =
  | 'run'
  | 'plan'
  | 'status'
  | 'stop'
  | 'resume'
  | 'replay'
  | 'approve'
  | 'reject'
  | 'fix'
  | 'budget'
  | 'spec'
  | 'report'
  | 'help';

export interface Grammar {
  /** What stands behind the verb besides options: `text` may be anything or nothing, the others are one word. */
  readonly operand: 'nothing' | 'workflow' | 'step' | 'dollars' | 'text';
  readonly options: readonly OptionName[];
  /** As `/gump help` shows it, behind `/gump`. */
  readonly usage: string;
  /** As `/gump help` says it. */
  readonly does: string;
}

const nothing = { operand: 'nothing', options: [] } as const;
const runOptions = ['agent', 'max-budget', 'max-parallel', 'base', 'dry-run'] as const;

export const grammar: Readonly<Record<Verb, Grammar>> = {
  run: {
    ...{ operand: 'workflow', options: runOptions },
    usage: 'run [workflow] [agent=…] [max-budget=…] [max-parallel=…] [base=…] [dry-run]',
    does: 'starts a run with the spec as it stands now',
  },
  plan: {
    ...{ operand: 'workflow', options: ['agent', 'max-budget'] },
    usage: 'plan [workflow] [agent=…] [max-budget=…]',
    does: 'says what a run would do and cost; nothing runs',
  },
  status: { ...nothing, usage: 'status', does: 'says where the latest run stands' },
  stop: { ...nothing, usage: 'stop', does: 'stops the run under way' },
  resume: {
    ...{ operand: 'nothing', options: ['max-budget'] },
    usage: 'resume [max-budget=…]',
    does: 'continues the latest run of this issue',
  },
  replay: {
    ...{ operand: 'step', options: ['agent', 'max-budget', 'max-parallel'] },
    usage: 'replay <step> [agent=…] [max-budget=…] [max-parallel=…]',
    does: 'begins a new run from the state before a step of the latest one',
  },
  approve: {
    operand: 'text',
    options: [],
    usage: 'approve',
    does: 'says yes to a run that asks a person',
  },
  reject: {
    ...{ operand: 'text', options: [] },
    usage: 'reject [reason]',
    does: 'says no to a run that asks a person',
  },
  fix: {
    ...{ operand: 'nothing', options: ['agent', 'max-budget'] },
    usage: 'fix [agent=…] [max-budget=…]',
    does: 'answers the reviews of people on the pull request',
  },
  budget: {
    ...{ operand: 'dollars', options: [] },
    usage: 'budget <usd>',
    does: 'raises or lowers the limit of the latest run',
  },
  spec: { ...nothing, usage: 'spec', does: 'makes the spec again from the issue' },
  report: { ...nothing, usage: 'report', does: 'shows the report of the latest run' },
  help: { ...nothing, operand: 'text', usage: 'help', does: 'shows this' },
};

export const verbs = Object.keys(grammar) as readonly Verb[];
