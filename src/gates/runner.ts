/** Every gate that measures a tree, by its kind, behind the gate port. */
import { GumpError } from '../errors.ts';
import type { GateOrder, GateResult, GateRunner } from '../ports/gate.ts';
import type { Sandbox } from '../process/enclosure.ts';
import { checkTasks } from '../workflow/task-list.ts';
import type { GateKind } from '../workflow/workflow.ts';
import { judgeByExitCode } from './bash.ts';
import { judgeByCommand } from './by-command.ts';
import { judgeCoverage } from './coverage.ts';
import { judgeTestsFail } from './tests-fail.ts';
import { judgeTestsFound } from './tests-found.ts';
import { isNoPattern, matchingFiles } from './touched.ts';
import type { Validation } from './validation.ts';

export interface GateRunnerOptions {
  /** The environment of the project's commands; holds no secret of ours (R10). */
  readonly env: Readonly<Record<string, string>>;
  /** `[validation]` of the user's own configuration, for what the project's at the run's base commit does not say. */
  readonly validation: Validation;
  /** Around the project's commands; null or absent: none. */
  readonly sandbox?: Sandbox | null;
}

/** Judges trees; `validate` is not among its gates, the engine runs validators as steps. */
export function createGateRunner(options: GateRunnerOptions): GateRunner {
  const [texts, changes] = [remember<string | null>(), remember<readonly string[]>()];
  return {
    run: async (order) => {
      if (order.signal.aborted) return stopped;
      const { base, commit } = order;
      return judges[order.gate.kind](options, {
        ...order,
        readBase: (file) => texts(`${base}:${file}`, () => order.readBase(file)),
        changed: () => changes(`${base} ${commit}`, () => order.changed()),
      });
    },
  };
}

/** A commit never changes: what it says is asked once, however many gates want to know. */
function remember<T>() {
  const known = new Map<string, Promise<T>>();
  return (key: string, ask: () => Promise<T>): Promise<T> => {
    const answer = known.get(key) ?? ask();
    known.set(key, answer);
    answer.catch(() => known.delete(key));
    return answer;
  };
}

type Judge = (options: GateRunnerOptions, order: GateOrder) => Promise<GateResult> | GateResult;

const judges: Readonly<Record<GateKind, Judge>> = {
  compile: (options, order) => judgeByCommand(options, order, 'compile'),
  test: (options, order) => judgeByCommand(options, order, 'test'),
  lint: (options, order) => judgeByCommand(options, order, 'lint'),
  coverage: judgeCoverage,
  tests_found: judgeTestsFound,
  tests_fail: judgeTestsFail,
  bash: judgeByExitCode,
  schema: (_options, order) => judgeTasks(order),
  touched: (_options, order) => judgeTouched(order),
  untouched: (_options, order) => judgeUntouched(order),
  validate: () => {
    throw new GumpError('a validator was given to the gate runner', { code: 'internal' });
  },
};

const stopped: GateResult = { status: 'fail', reason: 'stopped', log: '' };

function judgeTasks({ tasks }: GateOrder): GateResult {
  if (tasks === null)
    return { status: 'fail', reason: 'there are no tasks to check: this step made no plan', log: '' };
  const problems = checkTasks(tasks);
  return verdict(problems.length === 0, problems.join('\n'));
}

function judgeTouched({ argument, files }: GateOrder): GateResult {
  const pattern = argument ?? '';
  if (isNoPattern(pattern)) return noPattern('touched', pattern);
  const found = matchingFiles(pattern, files);
  const changed = files.length === 0 ? 'nothing was changed' : `changed: ${listed(files)}`;
  return verdict(found.length > 0, `no changed file matches ${argument}; ${changed}`);
}

function judgeUntouched({ argument, files }: GateOrder): GateResult {
  const pattern = argument ?? '';
  if (isNoPattern(pattern)) return noPattern('untouched', pattern);
  const found = matchingFiles(pattern, files);
  const rule = pattern.startsWith('!')
    ? `only ${pattern.slice(1)} may be changed, but so were`
    : `${pattern} must stay untouched, but these files were changed`;
  return verdict(found.length === 0, `${rule}: ${listed(found)}`);
}

function noPattern(kind: GateKind, pattern: string): GateResult {
  return verdict(
    false,
    `${kind} has no pattern to go by: ${JSON.stringify(pattern)}; name a file, a folder or a glob`,
  );
}

function verdict(isPass: boolean, reason: string): GateResult {
  return { status: isPass ? 'pass' : 'fail', reason: isPass ? '' : reason, log: '' };
}

function listed(files: readonly string[]): string {
  const shown = files.slice(0, 20).join(', ');
  return files.length > 20 ? `${shown} and ${files.length - 20} more` : shown;
}
