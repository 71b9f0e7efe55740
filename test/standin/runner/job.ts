import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type JobFolders, jobEnvironment } from './environment.ts';
import { asText, asTexts, evaluate, type Json } from './expression.ts';
import { timestamp } from './job-run.ts';
import { createMasks } from './masks.ts';
import { killProcessesOf } from './orphans.ts';
import { jobPermissions } from './permissions.ts';
import { type JobAssignment, type JobSession, type RunnerParts, runScope, stepScope } from './session.ts';
import { runPostStep, runStep } from './step.ts';

/**
 * Runs one job from its first step to its last and fills its record; never rejects: what went wrong is an
 * annotation and a conclusion.
 *
 * @param started is given the session, so that others can signal what runs
 */
export async function runJob(
  parts: RunnerParts,
  assignment: JobAssignment,
  started: (session: JobSession) => void,
): Promise<void> {
  const { record } = assignment;
  record.status = 'in_progress';
  record.startedAt = timestamp();
  let session: JobSession | undefined;
  const timer = new AbortController();
  try {
    session = await openSession(parts, assignment, timer);
    started(session);
    await runSteps(session);
    if (!record.lost) record.outputs = jobOutputs(session);
  } catch (error) {
    failJob(assignment, error instanceof Error ? error.message : String(error));
    if (session !== undefined) session.failed = true;
  } finally {
    if (session !== undefined) closeSession(session);
    timer.abort();
  }
  record.conclusion = conclusionOf(assignment, session);
  record.completedAt = timestamp();
  record.status = 'completed';
}

async function runSteps(session: JobSession): Promise<void> {
  const { definition, record } = session;
  for (const [index, step] of definition.steps.entries()) {
    if (record.lost) return;
    await runStep(session, step, index);
  }
  for (const [index, post] of session.posts.entries()) {
    if (record.lost) return;
    await runPostStep(session, post, index);
  }
}

async function openSession(
  parts: RunnerParts,
  assignment: JobAssignment,
  timer: AbortController,
): Promise<JobSession> {
  const { run, record, workflow, definition } = assignment;
  const scope = runScope(parts, assignment, 'success');
  refuseOtherMachines(evaluate(parts.packages, definition.runsOn, scope));
  const folders = await createFolders(record.dir, run.event);
  const permissions = jobPermissions(parts, definition.permissions ?? workflow.permissions, scope);
  const token = parts.createToken(run.repository, permissions);
  const trackingId = `github_${randomUUID()}`;
  const { nodePath, server } = parts;
  const base = jobEnvironment({ run, job: record, folders, server, nodePath, trackingId });
  const session: JobSession = {
    ...assignment,
    cancelled: AbortSignal.any([assignment.cancelled, timeLimit(parts, assignment, timer)]),
    parts,
    folders,
    masks: createMasks([token, ...Object.values(run.secrets)]),
    token,
    trackingId,
    base,
    env: {},
    paths: [],
    stepContexts: {},
    posts: [],
    failed: false,
    child: undefined,
  };
  Object.assign(session.env, asTexts(evaluate(parts.packages, workflow.env, stepScope(session))));
  Object.assign(session.env, asTexts(evaluate(parts.packages, definition.env, stepScope(session))));
  const granted = Object.entries(permissions).map(([name, level]) => `${name}: ${level}`);
  session.write(`##[group]GITHUB_TOKEN Permissions`);
  for (const line of granted) session.write(line);
  session.write('##[endgroup]');
  return session;
}

function closeSession(session: JobSession): void {
  const orphans = killProcessesOf(session.trackingId);
  if (!session.record.lost)
    for (const pid of orphans) session.write(`Terminate orphan process: pid (${pid})`);
  session.parts.revokeToken(session.token);
}

async function createFolders(root: string, event: Readonly<Record<string, Json>>): Promise<JobFolders> {
  const folders = {
    root,
    workspace: join(root, 'work', 'workspace'),
    home: join(root, 'home'),
    temp: join(root, 'temp'),
    toolCache: join(root, 'tools'),
    fileCommands: join(root, 'temp', '_runner_file_commands'),
    eventPath: join(root, 'temp', '_github_workflow', 'event.json'),
  };
  const { workspace, home, temp, toolCache, fileCommands } = folders;
  const workflowFolder = join(root, 'temp', '_github_workflow');
  for (const path of [workspace, home, temp, toolCache, fileCommands, workflowFolder]) {
    await mkdir(path, { recursive: true });
  }
  await writeFile(folders.eventPath, JSON.stringify(event, null, 2));
  return folders;
}

/** @source docs, "Usage limits": six hours a job (2026-11) */
const jobMinutesDefault = 360;

function timeLimit(parts: RunnerParts, assignment: JobAssignment, timer: AbortController): AbortSignal {
  const scope = runScope(parts, assignment, 'success');
  const given = Number(
    evaluate(parts.packages, assignment.definition.timeoutMinutes, scope) ?? jobMinutesDefault,
  );
  const late = new AbortController();
  const handle = setTimeout(() => {
    failJob(assignment, `The job has exceeded the maximum execution time of ${given}m0s`);
    late.abort();
  }, given * 60_000);
  handle.unref();
  timer.signal.addEventListener('abort', () => clearTimeout(handle));
  return late.signal;
}

function refuseOtherMachines(runsOn: Json): void {
  const labels = [runsOn].flat().map((label) => asText(label as Json));
  const offered = (label: string): boolean => /^(ubuntu-.*|linux|self-hosted|x64|arm64)$/i.test(label);
  const missing = labels.filter((label) => !offered(label));
  if (missing.length > 0) {
    throw new Error(`No runner matches the labels ${missing.join(', ')}: this one is an Ubuntu machine.`);
  }
}

function jobOutputs(session: JobSession): Record<string, string> {
  const all = asTexts(evaluate(session.parts.packages, session.definition.outputs, stepScope(session)));
  const safe = Object.entries(all).filter(([name, value]) => {
    const hidden = session.masks.hides(value);
    if (hidden) session.write(`##[warning]Skip output '${name}' since it may contain secret.`);
    return !hidden;
  });
  return Object.fromEntries(safe);
}

function failJob(assignment: JobAssignment, message: string): void {
  assignment.write(`##[error]${message}`);
  assignment.record.annotations.push({
    annotation_level: 'failure',
    message,
    title: null,
    path: '.github',
    start_line: 1,
    end_line: 1,
  });
}

function conclusionOf(
  assignment: JobAssignment,
  session: JobSession | undefined,
): 'success' | 'failure' | 'cancelled' {
  if (assignment.record.lost) return 'failure';
  if (session?.cancelled.aborted || assignment.cancelled.aborted) return 'cancelled';
  return session === undefined || session.failed ? 'failure' : 'success';
}
