/** The workflow as data: what a file says, checked, with every default filled in. Positions are kept for messages. */
import type { Position } from '../diagnostic.ts';

export type StepKind = 'code' | 'split' | 'validate' | 'gates' | 'group' | 'call';
export type WorktreeAccess = 'read-write' | 'read-only' | 'none';

export interface Workflow {
  readonly name: string;
  /** As given, for messages. */
  readonly file: string;
  readonly steps: readonly Step[];
  readonly maxBudgetUsd: number | null;
  readonly maxTimeoutMs: number | null;
  readonly maxTokens: number | null;
  /** The file as it was read, for messages and for the run's snapshot. */
  readonly text?: string;
  /** Prompt files that were read, by the path as written. */
  readonly prompts?: Readonly<Record<string, string>>;
}

export interface Step {
  readonly name: string;
  readonly kind: StepKind;
  readonly at: Position;
  /** The template's text; a prompt from a file was read when the workflow was loaded. Null: none. */
  readonly prompt: string | null;
  readonly context: readonly ContextEntry[];
  readonly worktree: WorktreeAccess;
  readonly session: SessionChoice;
  /** A name, a template, `pass`, or null where the file says none. */
  readonly agent: string | null;
  readonly guard: Guard;
  readonly hitl: 'before_gate' | 'after_gate' | null;
  readonly gates: readonly Gate[];
  readonly retry: readonly RetryEntry[];
  /** The body of a split, run once per task; empty for other kinds. */
  readonly each: readonly Step[];
  /** The children of a group; empty for other kinds. */
  readonly steps: readonly Step[];
  readonly parallel: boolean;
  /** The called workflow's path (kind call, or `get.workflow`), else null. */
  readonly workflow: string | null;
  readonly with: Readonly<Record<string, string>>;
  /** Where values stand, for messages: `prompt`, `agent`, `context.0`, `gate.1.diff`, `retry.0.prompt`, `with.x` … */
  readonly places?: Readonly<Record<string, Position>>;
}

export type ContextEntry =
  | { readonly kind: 'file'; readonly path: string; readonly at: Position }
  | { readonly kind: 'bash'; readonly command: string; readonly at: Position };

export type SessionChoice = { readonly mode: 'new' } | { readonly mode: 'from'; readonly step: string };

export interface Guard {
  readonly maxTurns: number | null;
  readonly maxBudgetUsd: number | null;
  readonly maxTokens: number | null;
  readonly maxTimeMs: number | null;
  /** Without a sign of life. */
  readonly idleTimeoutMs: number | null;
  readonly noWrite: boolean;
}

export type GateKind =
  | 'compile'
  | 'test'
  | 'lint'
  | 'coverage'
  | 'schema'
  | 'touched'
  | 'untouched'
  | 'tests_found'
  | 'tests_fail'
  | 'bash'
  | 'validate';

export interface Gate {
  /** Unique in its step: the type, a validator's last path segment, `_2` behind a repeated one, or `name:`. */
  readonly name: string;
  /** A validator's short name (`arch-review` → `review`) where it is unambiguous, else null. */
  readonly short: string | null;
  readonly kind: GateKind;
  /** Glob, command, percentage or validator's path; null for gates without one. */
  readonly argument: string | null;
  /** A validator's inputs: templates by name. */
  readonly inputs: Readonly<Record<string, string>>;
  readonly at: Position;
}

export type RetryCondition =
  | { readonly kind: 'attempt'; readonly attempt: number }
  | { readonly kind: 'not'; readonly gate: string }
  | { readonly kind: 'validate'; readonly path: string; readonly with: Readonly<Record<string, string>> }
  | { readonly kind: 'exit'; readonly attempt: number };

export interface RetryOverrides {
  readonly agent?: string;
  readonly prompt?: string;
  readonly session?: 'new';
  readonly worktree?: 'reset';
}

export interface RetryEntry {
  readonly condition: RetryCondition;
  readonly overrides: RetryOverrides;
  readonly at: Position;
}

/** One piece of a split. */
export interface Task {
  readonly name: string;
  readonly description: string;
  /** The blast radius: paths and globs relative to the repository; null where the split named none. */
  readonly files: readonly string[] | null;
}

/** One remark of a validator. */
export interface Finding {
  readonly path: string;
  readonly line?: number;
  readonly end_line?: number;
  readonly severity?: string;
  readonly body: string;
}

export interface Verdict {
  readonly pass: boolean;
  readonly comments: string;
  readonly findings: readonly Finding[];
}
