/** What gates would run, as of a commit: for whoever looks before anything is run. */
import type { Diagnostic } from '../diagnostic.ts';
import { detectCommands } from '../gates/detect.ts';
import type { Project } from '../gates/project.ts';
import type { Goal, Validation } from '../gates/validation.ts';
import { type Environment, runGit } from '../git/git.ts';
import { limits } from '../limits.ts';
import type { CommandFound, Commands } from '../plan/describe.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';

export interface CommitPlace {
  /** In the repository, with the environment that its commands need. */
  readonly cwd: string;
  readonly env: Environment;
  readonly commit: string;
}

/** Only for the kinds that the plan has; as for a change in the top folder, a change deeper down may find others. */
export async function gateCommands(plan: Plan, place: CommitPlace, user: Validation): Promise<Commands> {
  return await commandsIn(plan, projectAt(place), user);
}

/** The same for a project that is read in another way. */
export async function commandsIn(plan: Plan, project: Project, user: Validation): Promise<Commands> {
  const kinds = new Set(plan.nodes.flatMap(kindsIn));
  const found = await Promise.all(
    goals
      .filter(([kind]) => kinds.has(kind))
      .map(async ([kind, goal]) => [kind, await commandFor(project, goal, user)] as const),
  );
  return Object.fromEntries(found);
}

/** What each kind asks a project for. */
const goals = [
  ['compile', 'compile'],
  ['test', 'test'],
  ['lint', 'lint'],
  ['coverage', 'coverage'],
  ['tests_found', 'test'],
  ['tests_fail', 'test'],
] as const satisfies readonly (readonly [keyof Commands, Goal])[];

/** Gates that cost attempts as long as the project has no command for them; a run that starts is told, for an attempt may bring one. */
export async function warnOfGates(
  plan: Plan,
  place: CommitPlace,
  user: Validation,
): Promise<readonly Diagnostic[]> {
  const commands = await gateCommands(plan, place, user);
  const without = goals.filter(
    ([kind, goal]) =>
      absence[goal] === fails && commands[kind]?.text === null && commands[kind].source === fails,
  );
  const [first] = without;
  if (!first) return [];
  const names = without.map(([kind]) => `\`${kind}\``).join(', ');
  const message = `no command is found in the top folder for ${without.length === 1 ? 'the gate' : 'the gates'} ${names}: attempts fail there unless they bring one`;
  const hint = `say one and commit it: gump config set validation.${first[1]} '…'`;
  return [{ severity: 'warning', code: 'no-command', message, hint }];
}

function kindsIn({ gates, children, get }: PlanNode): readonly string[] {
  return [
    ...gates.flatMap(({ gate, nodes }) => [gate.kind, ...nodes.flatMap(kindsIn)]),
    ...children.flatMap(kindsIn),
    ...(get ? kindsIn(get) : []),
  ];
}

async function commandFor(project: Project, goal: Goal, user: Validation): Promise<CommandFound> {
  const found = await detectCommands({ goal, files: [], base: project, head: project, user });
  if ('problem' in found) return { text: null, source: `gump.toml is broken: ${found.problem}` };
  const [judge] = found.judges;
  if (!judge) return { text: null, source: absence[goal] };
  const text = judge.command.texts.map((one) => one.text.trim().split('\n')[0]).join(' && ');
  return { text, source: judge.command.source };
}

const fails = 'no command found: it would fail';

const absence: Readonly<Record<Goal, string>> = {
  compile: fails,
  test: fails,
  lint: 'no command found: it would be skipped',
  coverage: 'no command found: it would be skipped',
};

function projectAt({ cwd, env, commit }: CommitPlace): Project {
  const ask = async (args: readonly string[]): Promise<string | null> => {
    const options = { cwd, env, okCodes: [0, 128], outputBytesMax: limits.judgeFileBytesMax };
    const { exitCode, stdout } = await runGit(args, options);
    return exitCode === 0 ? stdout.toString('utf8') : null;
  };
  return {
    read: (path) => ask(['cat-file', 'blob', `${commit}:${path}`]),
    list: async (folder) => {
      const names = await ask(['ls-tree', '-z', '--name-only', `${commit}:${folder}`]);
      return names === null ? null : names.split('\0').filter((name) => name !== '');
    },
  };
}
