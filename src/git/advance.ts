/** Moves the result branch, forward only. */
import { GumpError } from '../errors.ts';
import { engineEnvironment, runGit } from './git.ts';

export interface ResultRef {
  readonly gitDir: string;
  /** Full name, e.g. `refs/heads/gump/01J…`. */
  readonly ref: string;
}

export interface Advance {
  /** Remembers a commit's parents, so that a step forward need not be looked up. */
  learn(commit: string, parents: readonly string[]): void;
  /** @throws GumpError `git` when the branch holds something that the commit does not follow from. */
  to(commit: string): Promise<void>;
}

/** Null makes an advance that does nothing. */
export function createAdvance(target: ResultRef | null): Advance {
  const parentsOf = new Map<string, readonly string[]>();
  let tip: string | null = null;
  let last: Promise<void> = Promise.resolve();
  const move = async (commit: string) => {
    if (!target || commit === tip) return;
    const place = { cwd: target.gitDir, env: engineEnvironment({ GIT_DIR: target.gitDir }) };
    const old = tip ?? (await readRef(place, target.ref));
    if (old !== null && old !== commit && !follows(parentsOf, commit, old)) {
      await assertForward({ place, ref: target.ref, old, commit });
    }
    if (old !== commit) await update({ place, ref: target.ref, old, commit });
    tip = commit;
    parentsOf.clear();
  };
  return {
    learn: (commit, parents) => {
      parentsOf.set(commit, parents);
    },
    to: (commit) => {
      const next = last.then(() => move(commit));
      last = next.catch(() => undefined);
      return next;
    },
  };
}

interface Move {
  readonly place: { readonly cwd: string; readonly env: Readonly<Record<string, string>> };
  readonly ref: string;
  readonly old: string | null;
  readonly commit: string;
}

async function readRef(place: Move['place'], ref: string): Promise<string | null> {
  const { exitCode, stdout } = await runGit(['rev-parse', '--verify', '--quiet', `${ref}^{commit}`], {
    ...place,
    okCodes: [0, 1],
  });
  return exitCode === 0 ? stdout.toString('utf8').trim() : null;
}

function follows(parentsOf: ReadonlyMap<string, readonly string[]>, commit: string, old: string): boolean {
  const open = [commit];
  const seen = new Set<string>();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (next === old) return true;
    if (seen.has(next)) continue;
    seen.add(next);
    open.push(...(parentsOf.get(next) ?? []));
  }
  return false;
}

async function assertForward({ place, ref, old, commit }: Move): Promise<void> {
  const { exitCode } = await runGit(['merge-base', '--is-ancestor', old ?? '', commit], {
    ...place,
    okCodes: [0, 1],
  });
  if (exitCode === 0) return;
  throw new GumpError(
    `${ref} was not moved to ${commit}: it holds ${old}, which that commit does not follow from`,
    {
      code: 'git',
      hint: 'Somebody else moved the branch. Keep their work under another name, then resume the run.',
    },
  );
}

async function update({ place, ref, old, commit }: Move): Promise<void> {
  const expected = old ?? '0'.repeat(commit.length);
  await runGit(['update-ref', '-m', 'gump: advance', ref, commit, expected], place);
}
