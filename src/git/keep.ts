/** Keeps the commits that a run stands on from being thrown away: its branch, and one reference for what is beside it. */
import { gumpAuthor, writeCommit } from './commit.ts';
import { engineEnvironment, gitText, runGit } from './git.ts';

export interface Keep {
  /** The repository's common git directory. */
  readonly gitDir: string;
  readonly run: string;
  /** The newest commit of the run's line; null: the run has no branch yet. */
  readonly head: string | null;
  /** Commits beside that line. */
  readonly beside: readonly string[];
}

/** The branch that a run's result is on. */
export function resultBranch(run: string): string {
  return `gump/run-${run}`;
}

/** What a run that was copied from another one needs beside its branch, until its parallel tasks are merged. */
function keptRef(run: string): string {
  return `refs/gump/kept/${run}`;
}

/** Those of the commits that the repository does not hold any more. @throws GumpError `git` */
export async function missingCommits(gitDir: string, commits: readonly string[]): Promise<readonly string[]> {
  const stdin = commits.map((commit) => `${commit}^{commit}\n`).join('');
  const told = await gitText(['cat-file', '--batch-check'], { ...placeOf(gitDir), stdin });
  const lines = told.split('\n');
  return commits.filter((_, index) => lines[index]?.endsWith(' missing') ?? true);
}

/** Makes branch and reference, which must not be there yet. @throws GumpError `git` */
export async function keepCommits({ gitDir, run, head, beside }: Keep): Promise<void> {
  const place = placeOf(gitDir);
  const create = (ref: string, commit: string) =>
    runGit(['update-ref', '-m', 'gump: replay', ref, commit, '0'.repeat(commit.length)], place);
  if (head !== null) await create(`refs/heads/${resultBranch(run)}`, head);
  const loose = await newest(place, [...(head === null ? [] : [head]), ...beside]);
  const parents = loose.filter((commit) => commit !== head);
  const [first] = parents;
  if (first === undefined) return;
  const tree = await gitText(['rev-parse', `${first}^{tree}`], place);
  const message = `gump: what the parallel tasks of run ${run} have made so far\n`;
  const date = new Date().toISOString();
  const commit = await writeCommit(place, { tree, parents, message, author: gumpAuthor, date });
  await create(keptRef(run), commit);
}

/** One reference for each commit that a ledger names, whether the run's branch will ever have it or not. */
function heldRefs(run: string): string {
  return `refs/gump/held/${run}/`;
}

export interface Holder {
  hold(commit: string): void;
  /** Settles when no `git gc` can take what is held. @throws GumpError `git` */
  settled(): Promise<void>;
}

/** Until the run has passed: before that, work beside its branch stands in the ledger only, which git does not read. */
export function holdCommits(gitDir: string, run: string): Holder {
  const held = new Set<string>();
  const waiting = new Set<string>();
  return {
    hold: (commit) => {
      if (!held.has(commit)) waiting.add(commit);
    },
    async settled() {
      const commits = [...waiting];
      if (commits.length === 0) return;
      const stdin = commits.map((commit) => `update ${heldRefs(run)}${commit} ${commit}\n`).join('');
      await runGit(['update-ref', '-m', 'gump: hold', '--stdin'], { ...placeOf(gitDir), stdin });
      for (const commit of commits) {
        waiting.delete(commit);
        held.add(commit);
      }
    },
  };
}

/** The runs that have such references, whether they are still there or not. @throws GumpError `git` */
export async function runsWithKept(gitDir: string): Promise<ReadonlySet<string>> {
  const patterns = ['refs/gump/kept', 'refs/gump/held'];
  const refs = await gitText(['for-each-ref', '--format=%(refname:lstrip=3)', ...patterns], placeOf(gitDir));
  return new Set(refs.split('\n').flatMap((name) => name.split('/')[0] || []));
}

/** Removes the references of a run that needs them no longer; where there are none it is fine. @throws GumpError `git` */
export async function forgetKept(gitDir: string, run: string): Promise<void> {
  const place = placeOf(gitDir);
  const patterns = [keptRef(run), heldRefs(run)];
  const refs = await gitText(['for-each-ref', '--format=delete %(refname)', ...patterns], place);
  if (refs !== '') await runGit(['update-ref', '--stdin'], { ...place, stdin: `${refs}\n` });
}

/** Those that no other one of them contains. */
async function newest(place: ReturnType<typeof placeOf>, commits: readonly string[]) {
  if (commits.length < 2) return commits;
  return (await gitText(['merge-base', '--independent', ...commits], place)).split('\n');
}

function placeOf(gitDir: string) {
  return { cwd: gitDir, env: engineEnvironment({ GIT_DIR: gitDir }) };
}
