/** The ledger of a run as GitHub has it: read by the App, which has no clone. */
import { explain, GumpError } from '../../errors.ts';
import { decodeLedger } from '../../events/codec.ts';
import type { Event, EventOf } from '../../events/event.ts';
import { limits } from '../../limits.ts';
import { orNull, type RepoName, type RestClient } from '../api/rest.ts';
import type { KnownRun } from './latest-run.ts';

export interface RunRecord extends KnownRun {
  readonly events: readonly Event[];
  readonly started: EventOf<'run_started'>;
  readonly spec: string;
  /** Text of `workflow-snapshot.yaml`. */
  readonly snapshot: string;
}

/**
 * Null where the run has not begun yet.
 * @throws GumpError `ledger` where it is damaged, `limit` where it is too long to be read here
 */
async function readRun(
  client: RestClient,
  { owner, repo }: RepoName,
  known: KnownRun,
): Promise<RunRecord | null> {
  const tree = await orNull(
    client.request('GET /repos/{owner}/{repo}/git/trees/{tree_sha}', { owner, repo, tree_sha: known.commit }),
  );
  const textOf = async (name: string): Promise<string> => {
    const entry = tree?.data.tree.find(({ path, type }) => path === name && type === 'blob');
    if (!entry?.sha) return '';
    if (Number(entry.size ?? 0) > limits.githubLedgerBytesMax) throw tooLong(known.run);
    const { data } = await client.request('GET /repos/{owner}/{repo}/git/blobs/{file_sha}', {
      ...{ owner, repo, file_sha: entry.sha },
    });
    return Buffer.from(data.content, 'base64').toString('utf8');
  };
  const { events, error } = decodeLedger(await textOf('manifest.ndjson'));
  if (error) {
    const message = `The ledger of ${known.run} was not read: line ${error.line}, ${error.message}`;
    throw new GumpError(message, { code: 'ledger', hint: 'Start a new run.' });
  }
  const started = events.find((event) => event.type === 'run_started');
  if (!started) return null;
  return {
    ...known,
    events,
    started,
    spec: await textOf('spec.md'),
    snapshot: await textOf('workflow-snapshot.yaml'),
  };
}

/** `readRun`, or a sentence for a reader where the ledger says nothing that can be used. @throws what a request threw */
export async function readRunOrWhy(
  client: RestClient,
  where: RepoName,
  known: KnownRun,
): Promise<RunRecord | string> {
  try {
    const record = await readRun(client, where, known);
    return record ?? `the run \`${known.run}\` has not begun yet.`;
  } catch (error) {
    if (error instanceof GumpError && !error.retryable) return explain(error);
    throw error;
  }
}

function tooLong(run: string): GumpError {
  return new GumpError(
    `The ledger of ${run} was not read: it has more than ${limits.githubLedgerBytesMax} bytes`,
    {
      code: 'limit',
      hint: `Look into the job's log, or fetch refs/gump/runs/${run}.`,
    },
  );
}
