/** The one table of the names that a template may use: it feeds the check of names and the reference. */

export interface NameGroup {
  /** What stands before the field in braces: `run.`, `<step>.`; empty for plain names. */
  readonly prefix: string;
  /** Where the names of this group can have a value, in words. */
  readonly where: string;
  /** From the name (behind the prefix) to one sentence about its value. */
  readonly names: Readonly<Record<string, string>>;
}

const ofAttempt = {
  attempt: 'The number of the attempt, from 1.',
  error: 'Why the last attempt failed: the useful part of what was said. Empty at the first attempt.',
  diff: "The step's change so far, from where the step started; of one that changes nothing itself, the run's. Long ones are cut in the middle.",
} as const;

const ofEnd = {
  output: "The agent's final text; of a split or a verdict, its JSON.",
  files: 'The files that the step has changed so far, joined by `, `.',
  agent: 'The agent that did it.',
  session_id: 'The session that it was done in.',
} as const;

export const templateNames = {
  everywhere: {
    prefix: '',
    where: 'everywhere',
    names: { spec: "The spec's text, byte for byte." },
  },
  attempt: {
    prefix: '',
    where: 'everywhere; of the step itself',
    names: ofAttempt,
  },
  task: {
    prefix: 'task.',
    where: 'in the `each` of a split',
    names: {
      name: "The task's name.",
      description: 'What is to be done.',
      files: 'Its files, joined by `, `; empty where the split named none.',
    },
  },
  gate: {
    prefix: 'gate.<gate>',
    where: "everywhere; the step's own latest gate results",
    names: {
      '': '`true` where the gate passed or was skipped, else `false`; empty where it has not been judged.',
      comments: "A validator's comments.",
      error: 'Why the gate failed; empty where it did not.',
    },
  },
  previous: {
    prefix: 'prev.',
    where: 'everywhere; empty at the first attempt',
    names: {
      ...ofAttempt,
      ...ofEnd,
      'gate.<gate>': 'As `gate.<gate>`, of the attempt before; `.comments` and `.error` too.',
    },
  },
  step: {
    prefix: '<step>.',
    where: 'of a step that ran before this one',
    names: {
      output: `${ofEnd.output.slice(0, -1)}; of a group or a call, that of its last step.`,
      diff: "The step's whole change; long ones are cut in the middle.",
      files: ofEnd.files,
      agent: ofEnd.agent,
      session_id: ofEnd.session_id,
      cost: 'What it cost, in USD.',
      turns: 'How many turns its agents took.',
      tokens_in: 'Tokens that went in.',
      tokens_out: 'Tokens that came out.',
      duration: 'How long it took, in seconds.',
      status: '`pass` or `fail` once it has ended.',
      attempt: 'The number of its last attempt.',
      'gate.<gate>': 'As `gate.<gate>`, of that step; `.comments` and `.error` too.',
    },
  },
  verdict: {
    prefix: '<step>.',
    where: 'of a `validate` step that ran before this one',
    names: { comments: 'What it said.' },
  },
  called: {
    prefix: '<step>.',
    where: 'of a step that called a workflow; of a step with `get.workflow` in its own templates too',
    names: { 'state.<step>.<field>': 'A field of a step of the called workflow.' },
  },
  run: {
    prefix: 'run.',
    where: 'everywhere',
    names: {
      id: "The run's id.",
      cost: 'What the run has cost so far, in USD.',
      tokens: 'Tokens that it has used so far, in and out.',
      duration: 'How long it has worked so far, in seconds.',
    },
  },
} as const satisfies Readonly<Record<string, NameGroup>>;

export type NameGroupId = keyof typeof templateNames;

/** The fields that may stand behind a group's prefix, in the table's order; gates are judged by themselves. */
export function fieldsOf(group: NameGroupId): readonly string[] {
  return Object.keys(templateNames[group].names).filter((name) => name !== '' && !name.includes('<'));
}

/** The names of a group as the reference writes them, with their sentences: `gate.<gate>.comments`, `<step>.output`. */
export function writtenNames(group: NameGroupId): readonly (readonly [name: string, doc: string])[] {
  const { prefix, names } = templateNames[group];
  const separator = prefix === '' || prefix.endsWith('.') ? '' : '.';
  return Object.entries(names).map(([name, doc]) => [name === '' ? prefix : prefix + separator + name, doc]);
}
