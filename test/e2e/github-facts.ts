/** What the end of a run on GitHub has to look like, read from the stand-in's whole state. */
import { execaSync } from 'execa';
import type { Event } from '../../src/index.ts';
import { readLedger } from '../standin/demo/results.ts';
import type { Town } from '../standin/demo/town.ts';

type Row = Readonly<Record<string, unknown>>;

/** The tree of the work branch; null where there is none. */
export function treeOf(town: Town, ref = 'refs/heads/gump/issue-1'): string | null {
  try {
    const args = [`--git-dir=${town.gitDir}`, 'rev-parse', '--verify', '--quiet', `${ref}^{tree}`];
    return execaSync('git', args).stdout;
  } catch {
    return null;
  }
}

/** The run's ledger as it was pushed; empty before the first push. */
export async function eventsOf(town: Town, runId: string): Promise<readonly Event[]> {
  const text = await readLedger(town, runId).catch(() => '');
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Event);
}

/** `<step>#<attempt>` of each launch, in order. */
export function launches(events: readonly Event[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'agent_launched' ? [`${event.step}#${event.attempt}`] : [],
  );
}

/** `<step>#<attempt>` of each attempt whose end is in the ledger. */
export function endedAttempts(events: readonly Event[]): ReadonlySet<string> {
  return new Set(
    events.flatMap((event) => (event.type === 'agent_completed' ? [`${event.step}#${event.attempt}`] : [])),
  );
}

/** Everything that stands more than once or was left open; empty where all is as it should be. */
export async function blemishes(town: Town): Promise<readonly string[]> {
  const dump = await town.standin.dump();
  const marked = (kind: string) =>
    dump.comments.filter((comment) => String(comment.body).includes(`<!-- gump:status ${kind}`));
  return [
    ...town.standin.violations,
    ...(dump.pulls.length === 1 ? [] : [`${dump.pulls.length} pull requests`]),
    ...(marked('issue-1').length === 1 ? [] : [`${marked('issue-1').length} status comments on the issue`]),
    ...(marked('pull-').length === 1
      ? []
      : [`${marked('pull-').length} status comments on the pull request`]),
    ...dump.check_runs.filter((check) => check.status !== 'completed').map((check) => `open: ${check.name}`),
    ...twice(dump.check_runs.map((check) => `${check.head_sha} ${check.external_id}`)),
    // A reply in a thread is a review of its own, without a word.
    ...twice(dump.reviews.map((review) => String(review.body).split('\n')[0] ?? '').filter(Boolean)),
  ];
}

function twice(names: readonly string[]): string[] {
  return names.filter((name, index) => names.indexOf(name) !== index).map((name) => `twice: ${name}`);
}

/** Check name → conclusion on a commit. */
export function checksOn(rows: readonly Row[], sha: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    rows.filter((row) => row.head_sha === sha).map((row) => [String(row.name), String(row.conclusion)]),
  );
}
