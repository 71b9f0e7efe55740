/** The gates that would run here: which commands, from where, and whether their programs are there. */
import { join } from 'node:path';
import { detectCommands } from '../../gates/detect.ts';
import type { Command } from '../../gates/project.ts';
import { projectsOf } from '../../gates/trees.ts';
import type { Goal } from '../../gates/validation.ts';
import { runGit, userEnvironment } from '../../git/git.ts';
import type { Repository } from '../../git/repository.ts';
import { limits } from '../../limits.ts';
import { findProgram } from '../../process/program.ts';
import type { Configuration } from '../config-layers.ts';
import type { Finding } from './finding.ts';

const goals: readonly Goal[] = ['compile', 'test', 'lint', 'coverage'];

/** As for a change in the top folder; a change deeper in a monorepo may find others. */
export async function examineGates(
  repository: Repository,
  { user }: Configuration,
): Promise<readonly Finding[]> {
  const { root, head } = repository;
  const projects = projectsOf({ cwd: root, readBase: (path) => readAt(root, head, path) });
  const said = user?.config.validation ?? {};
  const parts = goals.map(async (goal): Promise<readonly Finding[]> => {
    const found = await detectCommands({ goal, files: [], ...projects, user: said });
    if ('problem' in found) return [{ ...gate('broken'), message: `${goal}: ${found.problem}`, hint: null }];
    if (found.judges.length === 0) return [missing(goal)];
    return found.judges.map(({ command }) => described(goal, command, root));
  });
  return (await Promise.all(parts)).flat();
}

function described(goal: Goal, command: Command, root: string): Finding {
  const text = command.texts.map((one) => one.text.trim().split('\n')[0]).join(' && ');
  const message = `${goal}: \`${text}\` (${command.source})`;
  const program = missingProgram(command, root);
  if (program === null) return { ...gate('ok'), message, hint: null };
  const hint = `install \`${program}\`, or name another command: gump config set validation.${goal} '…'`;
  return { ...gate('warning'), message: `${message}, but \`${program}\` is not to be found`, hint };
}

/** Only for a text that begins with a plain name: the rest is the shell's own business. */
function missingProgram({ texts, folder }: Command, root: string): string | null {
  const word = /^\s*([A-Za-z][\w.-]*)(?:\s|$)/.exec(texts[0]?.text ?? '')?.[1];
  if (word === undefined || shellWords.has(word)) return null;
  const folders = [
    join(root, folder, 'node_modules/.bin'),
    join(root, 'node_modules/.bin'),
    join(root, '.venv/bin'),
  ];
  return findProgram(word, [...folders, process.env.PATH ?? ''].join(':')) === null ? word : null;
}

const shellWords = new Set(
  'cd echo exec exit export eval for if test true false set source time trap while until case ulimit umask'.split(
    ' ',
  ),
);

function missing(goal: Goal): Finding {
  const hint = `say one: gump config set validation.${goal} '…'`;
  const isNeeded = goal === 'compile' || goal === 'test';
  const what = isNeeded ? `a gate \`${goal}\` would fail` : `a gate \`${goal}\` would be skipped`;
  return {
    ...gate(isNeeded ? 'warning' : 'note'),
    message: `${goal}: no command was found, so ${what}`,
    hint,
  };
}

function gate(status: Finding['status']): Pick<Finding, 'check' | 'status'> {
  return { check: 'gate', status };
}

/** The text of a file of a commit; null where it has none. */
async function readAt(root: string, commit: string, path: string): Promise<string | null> {
  const { exitCode, stdout } = await runGit(['cat-file', 'blob', `${commit}:${path}`], {
    cwd: root,
    env: userEnvironment(),
    okCodes: [0, 128],
    outputBytesMax: limits.judgeFileBytesMax,
  });
  return exitCode === 0 ? stdout.toString('utf8') : null;
}
