/** Which check runs GitHub has, as far as this process made or found them; sends what should be there. */

import { limits } from '../limits.ts';
import { annotationBody, type CheckOutput } from './check-output.ts';
import type { GithubClient } from './client.ts';
import type { Conclusion } from './gates.ts';

export interface Place {
  readonly client: GithubClient;
  readonly owner: string;
  readonly repo: string;
}

export interface WantedCheck {
  readonly name: string;
  readonly commit: string;
  readonly externalId: string;
  /** Null: in progress. */
  readonly conclusion: Conclusion | null;
  readonly startedAt: string | null;
  readonly endedAt: string | null;
}

export interface KnownChecks {
  /** True where GitHub has this check already so, or further. */
  isShown(wanted: WantedCheck): boolean;
  /** The conclusion of what is there; null: open; undefined: not there. */
  conclusion(commit: string, externalId: string): Conclusion | null | undefined;
  /** Asks GitHub for the check runs of a commit; once, unless `again`. */
  look(commit: string, again?: boolean): Promise<void>;
  /** Creates or changes one check run; nothing is sent where it is shown already. */
  send(wanted: WantedCheck, output: () => Promise<CheckOutput>): Promise<void>;
}

interface Known {
  readonly id: number;
  conclusion: Conclusion | null;
  annotations: number;
}

export function createKnownChecks(
  { client, owner, repo }: Place,
  settings: { readonly mayExist: (commit: string) => boolean; readonly runUrl: string },
): KnownChecks {
  const known = new Map<string, Known>();
  const looked = new Set<string>();
  const checks = client.octokit.rest.checks;

  async function look(commit: string, again = false): Promise<void> {
    if (looked.has(commit) && !again) return;
    const runs = await client.octokit.paginate(checks.listForRef, {
      ...{ owner, repo, ref: commit, filter: 'all', per_page: 100 },
    });
    // Newest last, so that the newest of two with one id is the one we go on with.
    for (const run of runs.toSorted((a, b) => a.id - b.id)) {
      const conclusion = run.status === 'completed' ? (run.conclusion as Conclusion | null) : null;
      if (!run.external_id) continue;
      known.set(keyOf(commit, run.external_id), {
        ...{ id: run.id, conclusion, annotations: run.output.annotations_count },
      });
    }
    looked.add(commit);
  }

  function isShown(wanted: WantedCheck): boolean {
    const found = known.get(keyOf(wanted.commit, wanted.externalId));
    if (!found) return false;
    return wanted.conclusion === null || found.conclusion === wanted.conclusion;
  }

  async function send(wanted: WantedCheck, output: () => Promise<CheckOutput>): Promise<void> {
    if (settings.mayExist(wanted.commit)) await look(wanted.commit);
    if (isShown(wanted)) return;
    const key = keyOf(wanted.commit, wanted.externalId);
    const { annotations, ...told } = await output();
    const pages = pagesOf(annotations.map(annotationBody));
    const found = known.get(key);
    const state = stateOf(wanted, settings.runUrl);
    // Annotations are added to those that are there: what a lost runner sent is not sent again.
    const first = { output: { ...told, annotations: found?.annotations ? [] : (pages[0] ?? []) } };
    const answer = found
      ? await checks.update({ owner, repo, check_run_id: found.id, ...state, ...first })
      : await checks.create({
          owner,
          repo,
          head_sha: wanted.commit,
          external_id: wanted.externalId,
          ...state,
          ...first,
        });
    const { id } = answer.data;
    known.set(key, { id, conclusion: wanted.conclusion, annotations: annotations.length });
    for (const page of found?.annotations ? [] : pages.slice(1)) {
      await checks.update({ owner, repo, check_run_id: id, output: { ...told, annotations: page } });
    }
  }

  return {
    isShown,
    look,
    send,
    conclusion: (commit, externalId) => known.get(keyOf(commit, externalId))?.conclusion,
  };
}

function stateOf(wanted: WantedCheck, runUrl: string) {
  const { name, conclusion, startedAt, endedAt } = wanted;
  return {
    name,
    details_url: runUrl,
    ...(startedAt === null ? {} : { started_at: startedAt }),
    ...(conclusion === null
      ? { status: 'in_progress' as const }
      : {
          status: 'completed' as const,
          conclusion,
          ...(endedAt === null ? {} : { completed_at: endedAt }),
        }),
  };
}

function pagesOf<T>(items: readonly T[]): T[][] {
  const size = limits.annotationsPerRequestMax;
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, page) => items.slice(page * size, (page + 1) * size));
}

function keyOf(commit: string, id: string): string {
  return `${commit} ${id}`;
}
