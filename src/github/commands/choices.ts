/** Which workflow, agent and budget a run has: the command goes before labels, labels before the spec's front matter. Pure. */
import { nearest } from '../../diagnostic.ts';
import { frontMatterOf } from '../../spec/front-matter.ts';
import { isWorkflowName, shown } from './names.ts';
import { applyOption, noOptions, type RunOptions } from './options.ts';

/** Who chose it; null: nobody, so that gump.toml and the workflow say it. */
export type ChosenBy = 'command' | 'label' | 'front matter' | null;

export interface Chosen<T> {
  readonly value: T | null;
  readonly by: ChosenBy;
}

export interface Choices {
  readonly workflow: Chosen<string>;
  /** Stands for every agent of the workflow. */
  readonly agent: Chosen<string>;
  readonly maxBudgetUsd: Chosen<number>;
  /** Why a run with them must not start, one sentence each, safe to show. */
  readonly problems: readonly string[];
  /** What has no effect and should be known, likewise. */
  readonly notes: readonly string[];
}

export interface Asked {
  /** Null where nothing was commanded yet. */
  readonly command: { readonly workflow: string | null; readonly options: RunOptions } | null;
  /** The labels that are ours. */
  readonly labels: readonly string[];
  /** The spec that runs: the front matter of the issue went into it. */
  readonly spec: string;
}

const keys = ['workflow', 'agent', 'max-budget'] as const;
type Key = (typeof keys)[number];

/** What somebody wishes for, not yet looked at. */
interface Wish {
  readonly key: Key;
  readonly value: string;
  readonly by: 'label' | 'front matter';
}

/** Each key is decided by whoever is nearest to the run; what was decided so cannot be made wrong by others. */
export function chooseRun({ command, labels, spec }: Asked): Choices {
  const front = frontWishes(spec);
  const wishes = [...labelWishes(labels), ...front.wishes];
  const { agent: agentSaid, maxBudgetUsd: budgetSaid } = command?.options ?? noOptions;
  const workflow = decide(command?.workflow ?? null, wishesFor('workflow', wishes), readWorkflow);
  const agent = decide(agentSaid, wishesFor('agent', wishes), (wish) =>
    readAs(wish, ({ agent: name }) => name),
  );
  const budget = decide(budgetSaid, wishesFor('max-budget', wishes), (wish) =>
    readAs(wish, ({ maxBudgetUsd }) => maxBudgetUsd),
  );
  return {
    workflow: workflow.chosen,
    agent: agent.chosen,
    maxBudgetUsd: budget.chosen,
    problems: [workflow, agent, budget].flatMap(({ problem }) => problem ?? []).concat(front.problems),
    notes: front.notes,
  };
}

/**
 * The budget of a run, in US dollars; null: as gump.toml and the workflow say. Anybody can write front matter, so it only
 * lowers what the workflow may spend.
 */
export function budgetOf(
  { value, by }: Chosen<number>,
  workflowMaxUsd: number | null,
): { readonly maxBudgetUsd: number | null; readonly note: string | null } {
  if (by !== 'front matter' || value === null || workflowMaxUsd === null || value <= workflowMaxUsd)
    return { maxBudgetUsd: value, note: null };
  const note = `The front matter asks for $${value.toFixed(2)}; it can only lower the budget, so $${workflowMaxUsd.toFixed(2)} stays. A label or the command raises it.`;
  return { maxBudgetUsd: null, note };
}

/** True for `gump:agent=…` and the like: settings, where other labels of ours name a workflow. */
export function isSettingLabel(name: string): boolean {
  return /^gump:\s*[\w-]+\s*=/i.test(name);
}

type Read<T> = { readonly value: T } | { readonly problem: string };

function decide<T>(
  said: T | null,
  wishes: readonly Wish[],
  read: (wish: Wish) => Read<T>,
): { readonly chosen: Chosen<T>; readonly problem: string | null } {
  const nothing: Chosen<T> = { value: null, by: null };
  if (said !== null) return { chosen: { value: said, by: 'command' }, problem: null };
  const [first] = wishes;
  if (!first) return { chosen: nothing, problem: null };
  const rival = wishes.find(({ by, value }) => by === first.by && value !== first.value);
  const result = rival
    ? { problem: `it is chosen twice, ${shown(first.value)} and ${shown(rival.value)}` }
    : read(first);
  if ('value' in result) return { chosen: { value: result.value, by: first.by }, problem: null };
  const place = first.by === 'label' ? 'label' : 'front matter';
  return { chosen: nothing, problem: `\`${first.key}\` of the ${place}: ${result.problem}.` };
}

function wishesFor(key: Key, wishes: readonly Wish[]): readonly Wish[] {
  return wishes.filter((wish) => wish.key === key);
}

function readWorkflow({ value }: Wish): Read<string> {
  if (isWorkflowName(value)) return { value };
  return { problem: `${shown(value)} cannot be the name of a workflow (letters, digits, \`_\`, \`-\`)` };
}

function readAs<T>({ key, value }: Wish, take: (options: RunOptions) => T | null): Read<T> {
  const known = ['agent', 'max-budget'] as const;
  const result = applyOption(noOptions, { name: key, value }, { verb: 'run', known });
  const read = 'options' in result ? take(result.options) : null;
  if (read !== null) return { value: read };
  return {
    problem:
      'problem' in result
        ? result.problem.replace(/^The option `[a-z-]+=` takes/, 'it takes').replace(/\.$/, '')
        : 'it has no value',
  };
}

function labelWishes(labels: readonly string[]): readonly Wish[] {
  return labels.flatMap((label): readonly Wish[] => {
    const [, name = '', value = ''] = /^gump:\s*(?:([\w-]+)\s*=)?\s*(.*?)\s*$/is.exec(label) ?? [];
    if (name === '') return isWorkflowName(value) ? [{ key: 'workflow', value, by: 'label' }] : [];
    const key = keys.find((one) => one === name.toLowerCase().replaceAll('_', '-'));
    return key ? [{ key, value, by: 'label' }] : [];
  });
}

interface Front {
  readonly wishes: readonly Wish[];
  readonly problems: readonly string[];
  readonly notes: readonly string[];
}

function frontWishes(spec: string): Front {
  const front = frontMatterOf(spec);
  if (!front) return { wishes: [], problems: [], notes: [] };
  const known = (name: string): Key | undefined => keys.find((key) => key === name);
  const names = [...front.values.keys()];
  const strange = names.filter((name) => known(name) === undefined);
  const misspelt = strange.filter((name) => nearest(name, keys) !== null);
  const foreign = strange.filter((name) => nearest(name, keys) === null);
  return {
    wishes: [...front.values].flatMap(([name, value]): readonly Wish[] => {
      const key = known(name);
      return key ? [{ key, value, by: 'front matter' }] : [];
    }),
    problems: [
      ...misspelt.map(
        (name) => `The front matter has ${shown(name)}; did you mean \`${nearest(name, keys)}\`?`,
      ),
      ...front.repeated.filter(known).map((name) => `The front matter has ${shown(name)} twice.`),
    ],
    notes:
      foreign.length === 0
        ? []
        : [
            `Of the front matter ${foreign.slice(0, 10).map(shown).join(', ')} ${foreign.length === 1 ? 'has' : 'have'} no effect here; \`workflow\`, \`agent\` and \`max-budget\` have.`,
          ],
  };
}
