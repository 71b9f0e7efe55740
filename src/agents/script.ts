/** The scripted agent's file: rules that say what is played at which step. Pure. */
import picomatch from 'picomatch';
import { type Document, LineCounter, parseDocument } from 'yaml';
import { type Diagnostic, hasErrors } from '../diagnostic.ts';
import { limits } from '../limits.ts';
import type { Finding, Task } from '../workflow/workflow.ts';
import { checkShape, placeOf, type Shape, type Source } from './shape.ts';

export interface AgentScript {
  /** As given, for messages. */
  readonly file: string;
  readonly rules: readonly Rule[];
}

/** A condition that is not there always holds. */
export interface Rule {
  /** Glob on the state path of the step; `**` crosses `/`. */
  readonly step: string;
  readonly attempt?: number;
  /** Glob on the name in force. */
  readonly agent?: string;
  readonly session?: 'new' | 'resumed';
  readonly tasks?: readonly Partial<Task>[];
  readonly verdict?: { pass?: boolean; comments?: string; findings?: readonly Partial<Finding>[] };
  readonly turns?: readonly Turn[];
  /** Default 0. */
  readonly exit?: number | 'crash' | 'hang';
}

export interface Turn {
  readonly say?: string;
  /** Path → content. */
  readonly write?: Readonly<Record<string, string>>;
  readonly delete?: readonly string[];
  readonly run?: string;
  readonly usage?: {
    readonly input_tokens?: number;
    readonly output_tokens?: number;
    /** USD. */
    readonly cost?: number;
  };
  /** Passes before the turn's own action. */
  readonly sleep_ms?: number;
}

/** Where a launch stands: what the conditions of a rule are held against. */
export interface Situation {
  readonly step: string;
  readonly attempt: number;
  readonly agent: string;
  readonly session: 'new' | 'resumed';
}

/** The first rule whose conditions all hold, or null where none does. */
export function chooseRule(script: AgentScript, situation: Situation): Rule | null {
  return script.rules.find((rule) => holds(rule, situation)) ?? null;
}

function holds(rule: Rule, { step, attempt, agent, session }: Situation): boolean {
  if (!matches(rule.step, step)) return false;
  if (rule.attempt !== undefined && rule.attempt !== attempt) return false;
  if (rule.agent !== undefined && !matches(rule.agent, agent)) return false;
  return rule.session === undefined || rule.session === session;
}

function matches(glob: string, text: string): boolean {
  return picomatch.isMatch(text, glob, { dot: true, nonegate: true });
}

/** Reads the YAML of an agent script; `script` is null when there is an error, and all problems come at once. */
export function parseAgentScript({ file, text }: { readonly file: string; readonly text: string }): {
  readonly script: AgentScript | null;
  readonly diagnostics: readonly Diagnostic[];
} {
  if (Buffer.byteLength(text) > limits.agentScriptBytesMax) return refused(tooLarge(file));
  const source = read(file, text);
  if ('message' in source) return refused(source);
  const diagnostics = [...syntaxProblems(source)];
  if (!hasErrors(diagnostics)) diagnostics.push(...checkShape(source, scriptShape), ...conflicts(source));
  if (hasErrors(diagnostics)) return { script: null, diagnostics };
  // The shape was checked right above, so the value has it.
  const value = source.document.toJS({ maxAliasCount: limits.yamlAliasesMax }) as { rules: readonly Rule[] };
  return { script: { file, rules: value.rules }, diagnostics };
}

function refused(diagnostic: Diagnostic) {
  return { script: null, diagnostics: [diagnostic] };
}

function tooLarge(file: string): Diagnostic {
  return {
    severity: 'error',
    code: 'too-large',
    message: `${file} was not read: it is larger than ${limits.agentScriptBytesMax} bytes`,
  };
}

function read(file: string, text: string): Source | Diagnostic {
  const lines = new LineCounter();
  try {
    const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, stringKeys: true });
    // Aliases are expanded here once, so that an endless one is told like any other mistake.
    if (document.errors.length === 0) document.toJS({ maxAliasCount: limits.yamlAliasesMax });
    return { file, text, document: document as Document, lines };
  } catch (cause) {
    return {
      severity: 'error',
      code: 'yaml',
      message: `${file} is not YAML that can be read: ${(cause as Error).message}`,
      at: { file, line: 1, column: 1 },
    };
  }
}

function syntaxProblems(source: Source): Diagnostic[] {
  const errors = source.document.errors.map((error): Diagnostic => {
    const message = `invalid YAML: ${error.message}`;
    return { severity: 'error', code: 'yaml', message, ...placeOf(source, error.pos[0]) };
  });
  return errors;
}

/** Both results in one rule: only one of them could be the answer. */
function conflicts(source: Source): Diagnostic[] {
  const rules: unknown = source.document.toJS({ maxAliasCount: limits.yamlAliasesMax })?.rules;
  if (!Array.isArray(rules)) return [];
  return rules.flatMap((rule: unknown, index) => {
    if (typeof rule !== 'object' || rule === null || !('tasks' in rule && 'verdict' in rule)) return [];
    const node = source.document.getIn(['rules', index, 'verdict'], true) as { range?: [number] } | undefined;
    const message = 'a rule has either `tasks` or `verdict`, not both: an agent gives one result';
    return [
      { severity: 'error', code: 'conflict', message, ...placeOf(source, node?.range?.[0] ?? 0) } as const,
    ];
  });
}

const text: Shape = { kind: 'text' };
const filled: Shape = { kind: 'text', filled: true };
const count: Shape = { kind: 'number', min: 0, whole: true };
const position: Shape = { kind: 'number', min: 1, whole: true };
const paths: Shape = { kind: 'list', of: text };

const turnShape: Shape = {
  kind: 'map',
  fields: {
    say: text,
    write: { kind: 'record', of: text },
    delete: paths,
    run: filled,
    usage: {
      kind: 'map',
      fields: { input_tokens: count, output_tokens: count, cost: { kind: 'number', min: 0 } },
    },
    sleep_ms: { kind: 'number', min: 0, max: limits.attemptTimeoutMs },
  },
};

// Tasks and verdicts are checked for types only: a script may rehearse a malformed result.
const scriptShape: Shape = {
  kind: 'map',
  required: ['rules'],
  fields: {
    rules: {
      kind: 'list',
      of: {
        kind: 'map',
        required: ['step'],
        fields: {
          step: filled,
          attempt: position,
          agent: filled,
          session: { kind: 'choice', words: ['new', 'resumed'] },
          tasks: {
            kind: 'list',
            of: { kind: 'map', fields: { name: text, description: text, files: paths } },
          },
          verdict: {
            kind: 'map',
            fields: {
              pass: { kind: 'flag' },
              comments: text,
              findings: {
                kind: 'list',
                of: {
                  kind: 'map',
                  fields: { path: text, line: position, end_line: position, severity: text, body: text },
                },
              },
            },
          },
          turns: { kind: 'list', of: turnShape },
          exit: {
            kind: 'choice',
            words: ['crash', 'hang'],
            number: { kind: 'number', min: 0, max: 255, whole: true },
          },
        },
      },
    },
  },
};
