/** What differs from one agent CLI to the next: one file each says it, `cli-adapter.ts` does the rest. */
import type { ModelApi } from '../config/gateway-fields.ts';
import { limits } from '../limits.ts';
import type { AgentEvent } from '../ports/agent.ts';
import type { StepKind, WorktreeAccess } from '../workflow/workflow.ts';
import type { JsonObject } from './json.ts';
import { type CliTokens, noCliTokens } from './tokens.ts';

export interface CliOrder {
  /** As the program takes it; null: the program's own choice. */
  readonly model: string | null;
  readonly stepKind: StepKind;
  readonly access: WorktreeAccess;
  /** The session to continue; null for a new one. */
  readonly session: string | null;
  /** A session id for a new one, where the program lets us choose. */
  readonly newSession: string;
  /** The folder where the program keeps settings and sessions (`homes.ts`). */
  readonly home: string;
  /** A JSON schema that the result must have, and a file with its text; null for code. */
  readonly schema: { readonly text: string; readonly file: string } | null;
  /** Where models are reached: without a slash at the end; null: the program's own login is used. */
  readonly models: {
    readonly url: (upstream: string) => string;
    readonly token: string;
    /** The form of calls of an upstream of the configuration's, which then stands for every one; null: the program's own. */
    readonly api: ModelApi | null;
  } | null;
  /** True where a sandbox of ours is around the program, so that its own would only be in the way. */
  readonly isIsolated: boolean;
}

/** One agent CLI. Pure: everything that it says is data. */
export interface Cli {
  /** The first part of agents' names: `claude`. */
  readonly family: string;
  readonly program: string;
  /** The gateway's upstream through which a model is reached; null where it cannot go through the gateway. */
  readonly upstream: (model: string | null) => string | null;
  /** The forms of calls in which it reaches an upstream of the configuration's; empty where it cannot. */
  readonly apis: readonly ModelApi[];
  /** Arguments behind the program; the prompt comes on standard input, never here. */
  args(order: CliOrder): readonly string[];
  /** Variables beside the common ones; no secret is among them, for tools see them. */
  env(order: CliOrder): Readonly<Record<string, string>>;
  /** Settings files that the program reads, by path below its home. */
  settings(order: CliOrder): Readonly<Record<string, string>>;
  /** Where it keeps login and sessions of its own, below the user's home. */
  readonly login: readonly string[];
  /** Where it keeps conversations below its home, and nothing that it obeys; empty: they cannot go on in another home. */
  readonly conversations: readonly Conversations[];
  reader(): StreamReader;
  /** True where its tools work in the folder in which a session began, though it is continued in another one. */
  readonly staysInTree?: true;
  /** True where the usage that its stream tells counts the whole session, earlier launches included. */
  readonly countsSession?: true;
}

export interface Conversations {
  readonly folder: string;
  /** Of paths below it. */
  readonly files: RegExp;
}

/** What a stream has told so far, about this launch only. */
export interface Told {
  readonly sessionId: string | null;
  /** Model calls that have begun; null where the program does not tell. */
  readonly turns: number | null;
  readonly tokens: CliTokens;
  /** The program's own figure, in USD; null where it has none. */
  readonly costUsd: number | null;
  readonly text: string;
  /** A structured result as JSON text; null where there is none. */
  readonly structured: string | null;
  /** Its own report at the end: null as long as there is none. */
  readonly report: { readonly ok: true } | { readonly ok: false; readonly error: string } | null;
}

export const toldNothing: Told = {
  sessionId: null,
  turns: 0,
  tokens: noCliTokens,
  costUsd: null,
  text: '',
  structured: null,
  report: null,
};

export type Happening = Extract<AgentEvent, { type: 'text' | 'tool' | 'write' }>;

export interface StreamReader {
  /**
   * False for a line that would mean nothing to `read` now, by its `type` and its bytes; it is not even decoded. Most of a
   * stream is what tools have printed, and pieces of texts that come once more as a whole. Absent: all lines are wanted.
   */
  wants?(type: string, line: Buffer): boolean;
  /** What a line means; unknown ones mean nothing. */
  read(event: JsonObject): readonly Happening[];
  told(): Told;
}

/** A text that comes in pieces; what is beyond a result's size is left out. */
export function joined(text: string, piece: string): string {
  return text.length < limits.resultBytesMax ? text + piece : text;
}
