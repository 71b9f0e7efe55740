/** What an agent's output means for the kind of its step: tasks, a verdict, or a commit. The agent's word is checked, never trusted (R8). */
import { limits } from '../limits.ts';
import type { Finding, StepKind, Task, Verdict } from '../workflow/workflow.ts';
import type { AttemptEnd, AttemptResult } from './state.ts';

export function interpret(kind: StepKind, end: AttemptEnd): AttemptResult {
  const none: AttemptResult = { tasks: null, verdict: null, commit: null, error: null };
  if (kind === 'code') return { ...none, commit: end.commit };
  const json = parseJson(end.output);
  if ('error' in json)
    return {
      ...none,
      error: `no ${kind === 'split' ? 'task list' : 'verdict'} could be read: ${json.error}`,
    };
  const read = kind === 'split' ? readTasks(json.value) : readVerdict(json.value);
  if (typeof read === 'string') return { ...none, error: read };
  return Array.isArray(read) ? { ...none, tasks: read } : { ...none, verdict: read as Verdict };
}

/** One fenced code block around the JSON is tolerated. */
export function parseJson(output: string): { readonly value: unknown } | { readonly error: string } {
  const trimmed = output.trim();
  if (trimmed === '') return { error: 'the agent gave none' };
  const fenced = /^```[a-z]*\n([\s\S]*?)\n?```$/.exec(trimmed);
  try {
    return { value: JSON.parse(fenced?.[1] ?? trimmed) };
  } catch (error) {
    return { error: `it is no JSON (${error instanceof Error ? error.message : String(error)})` };
  }
}

function readTasks(value: unknown): Task[] | string {
  if (!Array.isArray(value)) return 'the task list is no array of {name, description, files?}';
  if (value.length > limits.tasksMax)
    return `the task list has ${value.length} tasks, ${limits.tasksMax} are allowed`;
  const tasks: Task[] = [];
  for (const [index, item] of value.entries()) {
    const task = readTask(item);
    if (typeof task === 'string') return `task ${index + 1} of the list: ${task}`;
    tasks.push(task);
  }
  return tasks;
}

function readTask(value: unknown): Task | string {
  if (!isRecord(value)) return 'it is no object with name and description';
  const { name, description, files } = value;
  if (typeof name !== 'string') return 'its name is missing or no text';
  if (typeof description !== 'string') return 'its description is missing or no text';
  if (files === undefined || files === null) return { name, description, files: null };
  if (!Array.isArray(files) || !files.every((file) => typeof file === 'string'))
    return 'its files are no list of paths';
  return { name, description, files };
}

function readVerdict(value: unknown): Verdict | string {
  if (!isRecord(value) || typeof value.pass !== 'boolean')
    return 'the verdict has no "pass" that is true or false';
  const comments = typeof value.comments === 'string' ? value.comments : '';
  if (!value.pass && comments.trim() === '')
    return 'the verdict is negative and has no "comments" that say why';
  const findings = Array.isArray(value.findings) ? value.findings.filter(isFinding) : [];
  return { pass: value.pass, comments, findings: findings.map(readFinding) };
}

function isFinding(value: unknown): value is Record<string, unknown> & { path: string; body: string } {
  return isRecord(value) && typeof value.path === 'string' && typeof value.body === 'string';
}

function readFinding(value: Record<string, unknown> & { path: string; body: string }): Finding {
  const { path, body, line, end_line, severity } = value;
  return {
    path,
    body,
    ...(isLine(line) ? { line } : {}),
    ...(isLine(end_line) ? { end_line } : {}),
    ...(typeof severity === 'string' ? { severity } : {}),
  };
}

function isLine(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
