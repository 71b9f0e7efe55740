/** The lines that the scripted agent's program prints, one JSON object each. Pure; the program imports the types only. */
import type { Usage } from '../events/event.ts';
import type { WorktreeAccess } from '../workflow/workflow.ts';
import type { Rule } from './script.ts';

/** What the program gets on its standard input, as one JSON object. */
export interface Play {
  readonly rule: Rule;
  readonly prompt: string;
  readonly access: WorktreeAccess;
  /** The session to continue, or null for a new one. */
  readonly session: string | null;
}

export type StreamLine =
  | { readonly type: 'session'; readonly id: string }
  | { readonly type: 'turn'; readonly turn: number }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'tool'; readonly name: string; readonly detail: string }
  | { readonly type: 'write'; readonly path: string; readonly denied: boolean }
  | { readonly type: 'usage'; readonly usage: Usage }
  /** The program's own success report: its last line. */
  | { readonly type: 'result'; readonly output: string }
  /** Its own failure report: its last line, exit code 1. */
  | { readonly type: 'error'; readonly message: string };

/** The line as data, or a sentence that says what is wrong with it. */
export function readStreamLine(text: string): StreamLine | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: `its stream has a line that is not JSON: ${excerpt(text)}` };
  }
  if (isStreamLine(value)) return value;
  return { problem: `its stream has a line of an unknown form: ${excerpt(text)}` };
}

function isStreamLine(value: unknown): value is StreamLine {
  if (!isRecord(value)) return false;
  const texts = textFields[String(value.type)];
  if (texts)
    return (
      texts.every((field) => typeof value[field] === 'string') &&
      (value.type !== 'write' || typeof value.denied === 'boolean')
    );
  if (value.type === 'turn') return Number.isSafeInteger(value.turn);
  return value.type === 'usage' && isUsage(value.usage);
}

const textFields: Readonly<Record<string, readonly string[]>> = {
  session: ['id'],
  text: ['text'],
  tool: ['name', 'detail'],
  write: ['path'],
  result: ['output'],
  error: ['message'],
};

function isUsage(value: unknown): value is Usage {
  if (!isRecord(value)) return false;
  return ['turns', 'tokens_in', 'tokens_out', 'cost'].every((field) => Number.isFinite(value[field]));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function excerpt(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
