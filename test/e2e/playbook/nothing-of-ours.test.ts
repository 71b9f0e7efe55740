/**
 * Whatever the user's git is like, after `gump run` and `gump apply` the repository has the agents' changes and no others.
 * One workflow a row; in the rows every two situations stand once together, once apart, and once in either order.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { stringify } from 'yaml';
import { type Desk, openDesk } from '../../cli/command.ts';
import { runsIn } from '../../cli/ledger.ts';
import { commitAll, listing } from '../../cli/project.ts';
import { copyProject, rulesOf, specText } from './theatre.ts';

let desk: Desk;
beforeAll(async () => {
  desk = await openDesk('gump-ours-');
  writeFileSync(join(desk.dir, 'spec.md'), specText);
});
afterAll(() => desk.remove());

const situations = ['identity', 'hooks', 'signing', 'crlf', 'filter', 'linked', 'trunk'] as const;
type Situation = (typeof situations)[number];

const median = ['src/median.js', 'test/median.test.js'];
const range = ['src/range.js', 'test/range.test.js'];
const mean = ['src/mean.js', 'test/mean-of-nothing.test.js'];

/** Which situations hold (an orthogonal array of strength two, and all of them), and what the agents change. */
const rows: readonly (readonly [string, string, readonly string[]])[] = [
  ['implement-spec', '0000000', range],
  ['tdd', '0001111', median],
  ['cheap2sota', '0110011', range],
  ['parallel-tasks', '0111100', [...median, ...range].sort()],
  ['bugfix', '1010101', mean],
  ['refactor', '1011010', ['src/mean.js']],
  ['simple', '1100110', median],
  ['freeform', '1101001', ['README.md']],
  ['address-review', '1111111', mean],
];

/** What users have of their own, and tools like to write into. */
const theirs = {
  'CLAUDE.md': 'Read AGENTS.md.\n',
  'AGENTS.md': '# Rules\n\nNo dependencies.\n',
  'GEMINI.md': 'Read AGENTS.md.',
  '.cursor/rules/own.mdc': '---\nalwaysApply: true\n---\n',
  '.gitignore': 'node_modules/\n',
  '.gitattributes': '*.js filter=own\n',
};

interface Place {
  readonly dir: string;
  /** The git directory that branches and configuration are in. */
  readonly common: string;
  readonly branch: string;
  /** Where a hook or a signing program says that it was started. */
  readonly sprung: string;
  readonly env: Readonly<Record<string, string>>;
  git(...args: readonly string[]): Promise<string>;
}

test.concurrent.each(rows)('%s leaves nothing of ours (%s)', async (workflow, bits, changes) => {
  const holds = (situation: Situation) => bits[situations.indexOf(situation)] === '1';
  const place = await makePlace(workflow, holds);
  const { dir, git, common, branch } = place;
  const script = `${dir}.yaml`;
  writeFileSync(script, stringify({ rules: rulesOf(`${workflow}/passes`) }));
  const [base, tree, dotGit] = [
    await git('rev-parse', 'HEAD'),
    await listing(dir, skipped),
    await gitFiles(place),
  ];
  const exclude = readFileSync(join(common, 'info/exclude'), 'utf8');

  const spec = join(desk.dir, 'spec.md');
  const run = ['run', workflow, '--spec', spec, '--agent-script', script];
  const ran = await desk.gump(run, { cwd: dir, env: place.env });
  expect(ran.code, ran.stderr + ran.stdout).toBe(0);
  const result = `gump/run-${runsIn(dir)[0]}`;
  // Behind the run: a branch more, and two lines in a file that is never committed.
  expect(await listing(dir, skipped)).toEqual(tree);
  expect(await git('rev-parse', 'HEAD')).toBe(base);
  expect(await git('status', '--porcelain')).toBe('');
  expect(await gitFiles(place)).toEqual(dotGit);
  expect(readFileSync(join(common, 'info/exclude'), 'utf8')).toBe(
    `${exclude}/.gump/runs/\n/.gump/worktrees/\n`,
  );

  const applied = await desk.gump(['apply'], { cwd: dir, env: place.env });
  expect(applied.code, applied.stderr).toBe(0);
  expect(applied.stderr.includes('it is not signed')).toBe(holds('signing'));
  // Behind the apply: the agents' changes, by one merge on the branch that is checked out.
  expect(await git('symbolic-ref', 'HEAD')).toBe(`refs/heads/${branch}`);
  expect(await git('log', '-1', '--format=%P|%an|%s')).toBe(
    `${base} ${await git('rev-parse', result)}|${holds('identity') ? 'Ada' : 'gump'}|Merge branch '${result}'`,
  );
  expect((await git('diff', '--name-only', base, 'HEAD')).split('\n')).toEqual(changes);
  const everything = await git('log', '--format=', '--name-only', '-m', `${base}..HEAD`);
  expect([...new Set(everything.split('\n'))].filter((path) => path !== '').sort()).toEqual(changes);
  expect(await git('log', '--format=%G?', `${base}..HEAD`)).toMatch(/^(N\n?)+$/);
  expect(await git('status', '--porcelain')).toBe('');
  expect(await git('rev-parse', 'HEAD^{tree}')).toBe(await git('rev-parse', `${result}^{tree}`));
  const after = await listing(dir, skipped);
  for (const path of Object.keys(theirs)) expect([path, after[path]]).toEqual([path, tree[path]]);
  const names = [...new Set([...Object.keys(tree), ...Object.keys(after)])].sort();
  expect(names.filter((path) => after[path] !== tree[path])).toEqual(changes);

  // And nowhere else: refs, configuration, hooks, what is left of the run outside of its folder.
  const refs = await git('for-each-ref', '--format=%(refname)');
  const own = holds('linked') ? ['work', holds('trunk') ? 'trunk' : 'main'] : [branch];
  expect(refs.split('\n').sort()).toEqual([...own, result].map((name) => `refs/heads/${name}`).sort());
  expect(await gitFiles(place)).toEqual(dotGit);
  expect(existsSync(place.sprung) ? readFileSync(place.sprung, 'utf8') : '').toBe('');
  expect(readdirSync(place.env.HOME ?? '').filter((name) => name.startsWith('gump-'))).toEqual([]);
  if (holds('crlf')) expect(readFileSync(join(dir, changes[0] ?? ''), 'utf8')).toMatch(/\r\n$/);
});

const skipped = ['.git', '.gump'];

/** What is in the git directory, but for objects, index, logs, and the branches that are compared by name. */
async function gitFiles({ common }: Place): Promise<Readonly<Record<string, string>>> {
  const found = await listing(common, ['objects', 'index', 'logs', 'refs', 'info/exclude', 'ORIG_HEAD']);
  const isOwn = ([path]: readonly [string, string]) =>
    !/^worktrees\/[^/]+\/(index|logs|ORIG_HEAD)/.test(path) && path !== 'packed-refs';
  return Object.fromEntries(Object.entries(found).filter(isOwn));
}

async function makePlace(name: string, holds: (situation: Situation) => boolean): Promise<Place> {
  const home = join(desk.dir, `${name}-home`);
  mkdirSync(home);
  const sprung = join(desk.dir, `${name}-sprung`);
  const env = { HOME: home, TMPDIR: home };
  // The test's own commands start no hook: those that are started are gump's.
  const quiet = ['git', '-c', 'core.hooksPath=/dev/null'];
  const gitIn = async (cwd: string, ...args: readonly string[]) => {
    const { code, stdout, stderr } = await desk.start([], { cwd, env, command: [...quiet, ...args] }).ended;
    if (code !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`);
    return stdout.trim();
  };
  const top = join(desk.dir, name);
  const first = holds('trunk') ? 'trunk' : 'main';
  const { '.gitattributes': attributes, ...plain } = theirs;
  await copyProject(top, holds('filter') ? { ...plain, '.gitattributes': attributes } : plain);
  await gitIn(top, 'init', '-q', '-b', first);
  await commitAll(desk, top, 'first');
  writeFileSync(join(home, '.gitconfig'), configuration(holds, sprung));
  // Files come out as this configuration wants them.
  await gitIn(top, 'rm', '-rq', '--cached', '.');
  await gitIn(top, 'reset', '-q', '--hard');
  if (holds('hooks')) installHooks(join(top, '.git/hooks'), sprung);
  const dir = holds('linked') ? join(desk.dir, `${name}-linked`) : top;
  if (holds('linked')) await gitIn(top, 'worktree', 'add', '-q', '-b', 'work', dir);
  const branch = holds('linked') ? 'work' : first;
  const git = (...args: readonly string[]) => gitIn(dir, ...args);
  return { dir, common: join(top, '.git'), branch, sprung, env, git };
}

function configuration(holds: (situation: Situation) => boolean, sprung: string): string {
  const program = `${sprung}.sh`;
  writeFileSync(program, `#!/bin/sh\necho signed >> '${sprung}'\nexit 1\n`, { mode: 0o755 });
  return [
    holds('identity') ? '[user]\n\tname = Ada\n\temail = ada@example.org' : '',
    holds('signing') ? `[commit]\n\tgpgSign = true\n[gpg]\n\tprogram = ${program}` : '',
    holds('crlf') ? '[core]\n\tautocrlf = true' : '',
    holds('filter') ? '[filter "own"]\n\tclean = false\n\tsmudge = false' : '',
  ].join('\n');
}

function installHooks(folder: string, sprung: string): void {
  mkdirSync(folder, { recursive: true });
  for (const hook of [
    ...['pre-commit', 'commit-msg', 'prepare-commit-msg', 'post-commit', 'pre-merge-commit', 'post-merge'],
    ...['post-checkout', 'post-index-change', 'reference-transaction', 'post-rewrite', 'pre-auto-gc'],
  ]) {
    writeFileSync(join(folder, hook), `#!/bin/sh\necho ${hook} >> '${sprung}'\nexit 1\n`, { mode: 0o755 });
  }
}
