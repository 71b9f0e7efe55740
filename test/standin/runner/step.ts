import { chmod, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { checkout } from './checkout.ts';
import { cancelChild, startChild } from './child.ts';
import { asText, asTexts, evaluate, isTruthy } from './expression.ts';
import {
  type CommandFiles,
  commandFileVariables,
  createCommandFiles,
  readPairs,
  readPathLines,
  readSummary,
} from './file-commands.ts';
import type { Conclusion } from './job-run.ts';
import { killProcessesOf } from './orphans.ts';
import { type JobSession, type PostStep, standingOf, stepScope, stepShallRun } from './session.ts';
import { createStepOutput, type StepOutput } from './step-output.ts';
import type { StepDefinition } from './workflow-file.ts';

/** A program to start for a step. */
interface StepCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly variables: Readonly<Record<string, string>>;
}

/** Runs one step if its condition holds, and books its end in the job's record. */
export async function runStep(session: JobSession, step: StepDefinition, index: number): Promise<void> {
  const name = stepName(session, step);
  const entry = {
    name,
    status: 'queued',
    conclusion: null,
    exitCode: null,
  } as JobSession['record']['steps'][number];
  session.record.steps.push(entry);
  const output = createStepOutput(session.masks, session.write);
  let outcome: Conclusion = 'skipped';
  let excused = false;
  try {
    if (stepShallRun(session, step)) {
      entry.status = 'in_progress';
      const exitCode = await performStep(session, step, { key: String(index), output });
      entry.exitCode = exitCode;
      outcome = exitCode === 0 ? 'success' : 'failure';
      if (exitCode !== 0 && session.cancelled.aborted) outcome = 'cancelled';
      if (exitCode !== 0) output.annotate('failure', `Process completed with exit code ${exitCode}.`);
    }
    excused = isTruthy(evaluate(session.parts.packages, step.continueOnError, stepScope(session)));
  } catch (error) {
    outcome = 'failure';
    output.annotate('failure', error instanceof Error ? error.message : String(error));
  }
  const conclusion = outcome === 'failure' && excused ? 'success' : outcome;
  if (conclusion === 'failure') session.failed = true;
  entry.status = 'completed';
  entry.conclusion = conclusion;
  session.record.annotations.push(...output.annotations);
  const outputs = session.record.stepOutputs[step.id] ?? {};
  session.stepContexts[step.id] = { outputs, outcome, conclusion };
}

/** Runs what an action left to do at the end; it runs however the job ended. */
export async function runPostStep(session: JobSession, post: PostStep, index: number): Promise<void> {
  const { parts } = session;
  if (parts.action.post === undefined) return;
  const output = createStepOutput(session.masks, session.write);
  const file = join(parts.actionDir, parts.action.post);
  session.write(`##[group]Post ${post.name}`);
  session.write('##[endgroup]');
  const files = await createCommandFiles(session.folders.fileCommands, `post_${index}`);
  const command = {
    file: parts.nodePath,
    args: [file],
    cwd: session.folders.workspace,
    variables: post.variables,
  };
  const exitCode = await runCommand(session, post.step, { command, files, output });
  if (exitCode !== 0) session.failed = true;
  session.record.annotations.push(...output.annotations);
}

interface StepRunning {
  readonly key: string;
  readonly output: StepOutput;
}

async function performStep(session: JobSession, step: StepDefinition, running: StepRunning): Promise<number> {
  const { packages, actionName } = session.parts;
  const stepEnv = asTexts(evaluate(packages, step.env, stepScope(session)));
  const scope = stepScope(session, stepEnv);
  const given = asTexts(evaluate(packages, step.with, scope));
  session.write(`##[group]${stepName(session, step)}`);
  for (const [name, value] of Object.entries(given)) {
    session.write(session.masks.mask(`  ${name}: ${value}`));
  }
  session.write('##[endgroup]');
  const files = await createCommandFiles(session.folders.fileCommands, running.key);
  if (step.uses === undefined) {
    const command = await scriptCommand(session, step, { stepEnv, key: running.key });
    return finishStep(session, step, { command, files, output: running.output });
  }
  if (isOurs(step.uses, actionName)) {
    const command = actionCommand(session, step, { given, stepEnv, output: running.output });
    const exitCode = await finishStep(session, step, { command, files, output: running.output });
    session.record.exitCode = exitCode;
    return exitCode;
  }
  return builtIn(session, step.uses, given);
}

/** The few actions of others that workflows commonly begin with; the machine has Node already. */
async function builtIn(session: JobSession, uses: string, given: Record<string, string>): Promise<number> {
  const [name] = uses.split('@');
  if (name === 'actions/checkout') {
    const { run, folders, parts, token } = session;
    const workspace = folders.workspace;
    await checkout({ run, workspace, serverUrl: parts.server.url, inputs: given, token });
    return 0;
  }
  if (name === 'actions/setup-node') return 0;
  throw new Error(
    `Unable to resolve action \`${uses}\`: this runner has only ${session.parts.actionName}, actions/checkout and actions/setup-node.`,
  );
}

interface RunningCommand {
  readonly command: StepCommand;
  readonly files: CommandFiles;
  readonly output: StepOutput;
}

async function finishStep(
  session: JobSession,
  step: StepDefinition,
  running: RunningCommand,
): Promise<number> {
  const exitCode = await runCommand(session, step, running);
  if (session.record.lost) return exitCode;
  const { files, output } = running;
  session.record.stepOutputs[step.id] = { ...output.outputs, ...(await readPairs(files.output)) };
  const additions = await readPairs(files.env);
  if ('NODE_OPTIONS' in additions)
    throw new Error("Can't store NODE_OPTIONS output parameter using '$GITHUB_ENV' command.");
  Object.assign(session.env, additions);
  session.paths.unshift(...(await readPathLines(files.path)).toReversed());
  const state = { ...output.state, ...(await readPairs(files.state)) };
  if (step.uses !== undefined && session.parts.action.post !== undefined) {
    const stateVariables = Object.fromEntries(
      Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]),
    );
    const variables = { ...running.command.variables, ...stateVariables };
    session.posts.unshift({ name: step.uses, step, variables });
  }
  try {
    session.record.summary += session.masks.mask(await readSummary(files.summary));
  } catch (error) {
    // GitHub drops the summary and says so; the step's own verdict stands.
    output.annotate('failure', error instanceof Error ? error.message : String(error));
  }
  return exitCode;
}

async function runCommand(
  session: JobSession,
  step: StepDefinition,
  running: RunningCommand,
): Promise<number> {
  const { command, files, output } = running;
  const { parts, trackingId, cancelled } = session;
  const child = startChild({
    file: command.file,
    args: command.args,
    cwd: command.cwd,
    env: { ...command.variables, ...commandFileVariables(files) },
    onLine: (line) => output.line(line),
  });
  session.child = child;
  const cancel = (): void => {
    // As on GitHub: a step whose condition still holds (`always()`) goes on.
    if (standingOf(session) === 'cancelled' && stepShallRun(session, step)) return;
    void cancelChild(child, parts.cancelTimes, () => killProcessesOf(trackingId));
  };
  if (!cancelled.aborted) cancelled.addEventListener('abort', cancel, { once: true });
  const exitCode = await child.ended;
  cancelled.removeEventListener('abort', cancel);
  session.child = undefined;
  return exitCode;
}

interface ScriptParts {
  readonly stepEnv: Readonly<Record<string, string>>;
  readonly key: string;
}

async function scriptCommand(
  session: JobSession,
  step: StepDefinition,
  parts: ScriptParts,
): Promise<StepCommand> {
  const { packages } = session.parts;
  const scope = stepScope(session, parts.stepEnv);
  const script = asText(evaluate(packages, step.run, scope));
  const path = join(session.folders.temp, `step_${parts.key}.sh`);
  await writeFile(path, `${script}\n`);
  await chmod(path, 0o700);
  const [file, ...args] = shellWords(asText(evaluate(packages, step.shell, scope)));
  const directory = asText(evaluate(packages, step.workingDirectory, scope));
  return {
    file: file ?? 'bash',
    args: args.map((word) => word.replace('{0}', path)),
    cwd: resolve(session.folders.workspace, directory),
    variables: variablesOf(session, parts.stepEnv),
  };
}

/** @source docs, "Workflow syntax", `jobs.<job_id>.steps[*].shell` (2026-11) */
function shellWords(shell: string): readonly string[] {
  if (shell === '') return ['bash', '-e', '{0}'];
  if (shell === 'bash') return ['bash', '--noprofile', '--norc', '-eo', 'pipefail', '{0}'];
  if (shell === 'sh') return ['sh', '-e', '{0}'];
  return shell.split(/\s+/);
}

interface ActionParts {
  readonly given: Readonly<Record<string, string>>;
  readonly stepEnv: Readonly<Record<string, string>>;
  readonly output: StepOutput;
}

function actionCommand(session: JobSession, step: StepDefinition, parts: ActionParts): StepCommand {
  const { action, actionDir, bundle, nodePath } = session.parts;
  const inputs = action.inputs(parts.given, stepScope(session, parts.stepEnv));
  for (const warning of inputs.warnings) parts.output.annotate('warning', warning);
  const [repository = '', reference = ''] = (step.uses ?? '').split('@');
  const actionVariables = {
    GITHUB_ACTION: step.id,
    GITHUB_ACTION_PATH: actionDir,
    GITHUB_ACTION_REPOSITORY: repository.startsWith('./') ? '' : repository,
    GITHUB_ACTION_REF: reference,
  };
  return {
    file: nodePath,
    args: [bundle],
    cwd: session.folders.workspace,
    variables: { ...variablesOf(session, parts.stepEnv), ...inputs.variables, ...actionVariables },
  };
}

function variablesOf(session: JobSession, stepEnv: Readonly<Record<string, string>>): Record<string, string> {
  const { base, parts, env, paths } = session;
  const chosen = { ...parts.extraEnv, ...env, ...stepEnv };
  // GITHUB_* and RUNNER_* cannot be overwritten on GitHub; CI, HOME and PATH can.
  const open = Object.entries(chosen).filter(([name]) => !(/^(GITHUB|RUNNER)_/.test(name) && name in base));
  const variables = { ...base, ...Object.fromEntries(open) };
  return { ...variables, PATH: [...paths, variables.PATH].join(':') };
}

function isOurs(uses: string, actionName: string): boolean {
  const [repository = ''] = uses.split('@');
  return repository === './' || repository === '.' || repository.split('/')[1] === actionName;
}

function stepName(session: JobSession, step: StepDefinition): string {
  const { packages } = session.parts;
  if (step.name !== undefined) {
    return session.masks.mask(asText(evaluate(packages, step.name, stepScope(session))));
  }
  if (step.uses !== undefined) return `Run ${step.uses}`;
  const script = asText(evaluate(packages, step.run, stepScope(session)));
  return session.masks.mask(`Run ${script.trim().split('\n')[0] ?? ''}`);
}
