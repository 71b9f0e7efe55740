/** Which check runs GitHub has, as far as this process made or found them; sends what should be there. */

import { limits } from '../../limits.ts';
import type { GithubClient } from '../api/client.ts';
import type { Button } from '../commands/buttons.ts';
import { annotationBody, type CheckOutput } from './check-output.ts';
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
  /** What can be pressed; left out where buttons would start nothing. */
  readonly buttons?: readonly Button[];
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

type AnnotationBody = ReturnType<typeof annotationBody>;

interface Known {
  readonly id: number;
  readonly conclusion: Conclusion | null;
  /** How many GitHub has. */
  readonly annotations: number;
  /** False where pages of annotations may be left to send. */
  readonly isWhole: boolean;
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
      const { annotations_count: annotations } = run.output;
      // Full pages only: a runner that was lost may not have come to the next one.
      const isWhole = annotations === 0 || annotations % limits.annotationsPerRequestMax > 0;
      known.set(keyOf(commit, run.external_id), { id: run.id, conclusion, annotations, isWhole });
    }
    looked.add(commit);
  }

  function isShown(wanted: WantedCheck): boolean {
    const found = known.get(keyOf(wanted.commit, wanted.externalId));
    if (!found) return false;
    return wanted.conclusion === null || (found.conclusion === wanted.conclusion && found.isWhole);
  }

  async function send(wanted: WantedCheck, output: () => Promise<CheckOutput>): Promise<void> {
    if (settings.mayExist(wanted.commit)) await look(wanted.commit);
    if (isShown(wanted)) return;
    const key = keyOf(wanted.commit, wanted.externalId);
    const { annotations, ...told } = await output();
    const bodies = annotations.map(annotationBody);
    const before = known.get(key);
    let found = before?.conclusion === wanted.conclusion ? before : await conclude(wanted, { told, bodies });
    // The verdict comes first; whatever fails from here on is gone on with where it stopped.
    while (!found.isWhole) {
      const page = bodies.slice(found.annotations, found.annotations + limits.annotationsPerRequestMax);
      const output = { ...told, annotations: page };
      if (page.length > 0) await checks.update({ owner, repo, check_run_id: found.id, output });
      found = grown(found, page.length, bodies.length);
      known.set(key, found);
    }
  }

  /** Creates or changes the check run, with its first page of annotations. */
  async function conclude(
    wanted: WantedCheck,
    { told, bodies }: { told: Omit<CheckOutput, 'annotations'>; bodies: readonly AnnotationBody[] },
  ): Promise<Known> {
    const key = keyOf(wanted.commit, wanted.externalId);
    const { id, annotations = 0 } = known.get(key) ?? {};
    // Annotations are added to those that are there: those of an earlier conclusion stand, and none are added.
    const page = annotations > 0 ? [] : bodies.slice(0, limits.annotationsPerRequestMax);
    const sent = { ...stateOf(wanted, settings.runUrl), output: { ...told, annotations: page } };
    const answer =
      id === undefined
        ? await checks.create({
            ...{ owner, repo, head_sha: wanted.commit, external_id: wanted.externalId },
            ...sent,
          })
        : await checks.update({ owner, repo, check_run_id: id, ...sent });
    const now = { id: answer.data.id, conclusion: wanted.conclusion, annotations };
    const found = grown({ ...now, isWhole: true }, page.length, annotations > 0 ? 0 : bodies.length);
    known.set(key, found);
    return found;
  }

  return {
    isShown,
    look,
    send,
    conclusion: (commit, externalId) => known.get(keyOf(commit, externalId))?.conclusion,
  };
}

function stateOf(wanted: WantedCheck, runUrl: string) {
  const { name, conclusion, startedAt, endedAt, buttons } = wanted;
  return {
    name,
    details_url: runUrl,
    ...(buttons ? { actions: buttons.map((button) => ({ ...button })) } : {}),
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

function grown(known: Known, count: number, all: number): Known {
  const annotations = known.annotations + count;
  return { ...known, annotations, isWhole: annotations >= all };
}

function keyOf(commit: string, id: string): string {
  return `${commit} ${id}`;
}
