/** The Action behind the job of a run: what is to become of a run whose job did not end by its own word. */
import path from 'node:path';
import { explain, type Settled, type SettleOptions, settleOnGithub } from '../src/index.ts';
import { readContinued, readRunId } from './commander.ts';
import { readIssue, readRepository, readToken } from './inputs.ts';
import { logTo } from './log-sink.ts';
import { fail } from './outputs.ts';
import { createReader, type Environment } from './reader.ts';

/** `skipped`: the job that was to join a run's branches never began, for somebody had cancelled it. */
const endings = ['handed-over', 'success', 'failure', 'cancelled', 'skipped'] as const;

/** Never rejects: what could not be done is an annotation, and exit code 1; 2 for wrong inputs. */
export async function runSettle(env: Environment, write: (text: string) => void): Promise<void> {
  const log = logTo(write);
  const { options, problems } = readSettle(env, log);
  if (options === null) {
    const list = problems.map((problem) => `- ${problem}`).join('\n');
    return await fail(`Nothing was done about the run:\n${list}`, 2);
  }
  try {
    const { runId, what } = await settleOnGithub(options);
    log(`The run ${runId} ${words[what]}.`);
  } catch (error) {
    await fail(`It was not settled what becomes of the run: ${explain(error)}`, 1);
  }
}

const words: Readonly<Record<Settled['what'], string>> = {
  continued: 'goes on in a fresh job',
  closed: 'is cancelled; `/gump resume` goes on with it',
  elsewhere: 'is in the hands of another job',
  'not-begun': 'had not begun; its issue is told',
  pass: 'had passed already; it is shown',
  fail: 'had failed already; it is shown',
  paused: 'waits for a person already; it is shown',
  cancelled: 'was cancelled already; it is shown',
};

type ReadSettle =
  | { readonly options: SettleOptions; readonly problems: readonly [] }
  | { readonly options: null; readonly problems: readonly string[] };

/** Reads what it needs; changes nothing. */
export function readSettle(env: Environment, log: (line: string) => void): ReadSettle {
  const reader = createReader(env);
  const { problems } = reader;
  const issue = readIssue(reader);
  if (reader.text('issue') === null)
    problems.push('The input `issue` is missing: `command: settle` belongs behind the job of a run.');
  const ended = reader.choice('ended', endings);
  if (reader.text('ended') === null)
    problems.push('The input `ended` is missing: copy the job of `settle` from the template.');
  const options = {
    ...readRepository(reader, env),
    token: readToken(reader),
    pushToken: reader.text('push-token'),
    issue: issue ?? 0,
    runId: readRunId(reader, 'settle'),
    ended: ended === 'skipped' ? 'cancelled' : (ended ?? 'failure'),
    continued: readContinued(reader) ?? 0,
    seq: reader.number('seq', (value) => /^\d{1,10}$/.test(value), 'the number of an event'),
    tempDir: env.RUNNER_TEMP ?? path.join(process.cwd(), '..'),
    env,
    log,
  };
  return problems.length > 0 ? { options: null, problems } : { options, problems: [] };
}
