/** From what a person gave to a plan, or every reason why not; nothing has been changed until then. */
import { basename } from 'node:path';
import { type AgentScript, parseAgentScript } from '../agents/script.ts';
import type { Config } from '../config/config.ts';
import { ownFamilies } from '../config/layers.ts';
import { type Diagnostic, hasErrors, nearest } from '../diagnostic.ts';
import type { RunSettings } from '../events/event.ts';
import { buildPlan } from '../plan/build.ts';
import { describePlan, type StepDescription } from '../plan/describe.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import { type Collected, collectWorkflow } from '../playbook/collect.ts';
import { loadWorkflows, type WorkflowFiles } from '../playbook/snapshot.ts';
import {
  findWorkflow,
  isValidatorPath,
  libraryIn,
  openWorkflowFile,
  type PlaybookFolders,
  workflowNames,
} from '../playbook/source.ts';
import type { AgentRegistry } from '../ports/agent.ts';
import type { Spec } from '../spec/spec.ts';
import { knownFamilies, refuseTypedAgent } from '../workflow/agent-names.ts';
import { givenBy, type Host } from '../workflow/giving.ts';
import { gumpVersion } from './version.ts';

export type Prepared<T> =
  | { readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly diagnostics: readonly Diagnostic[] };

interface Wanted {
  readonly folders: PlaybookFolders;
  readonly name: string;
  readonly resolvePath: (path: string) => string;
  /** Of the configuration. */
  readonly agents: Config['agents'];
  /** Inputs of the workflow itself, by name. */
  readonly set?: RunSettings['set'] | undefined;
  /** Where the run is started, for hints. */
  readonly host: Host;
}

/** A workflow by its name or, with an ending, by its path. */
export function prepareWorkflow({
  folders,
  name,
  resolvePath,
  agents,
  set = {},
  host,
}: Wanted): Prepared<WorkflowFiles> {
  const isPath = /\.ya?ml$/.test(name);
  const isJudge = isValidator(folders, isPath ? resolvePath(name) : name);
  const found = isPath
    ? openWorkflowFile(resolvePath(name))
    : (findWorkflow(folders, name) ?? findWorkflow(folders, `validators/${name}`));
  if (!found)
    return { diagnostics: [isPath ? missingFile(name) : unknownWorkflow(folders, name, resolvePath)] };
  const main = isPath ? { ...found, file: name } : found;
  const given = Object.keys(set);
  const collected = collectWorkflow(main, libraryIn(folders), {
    // What a validator lacks is told at once, below.
    role: isJudge ? 'called' : 'run',
    families: ownFamilies(agents),
    given,
    host,
  });
  const diagnostics = [
    ...collected.diagnostics,
    ...collected.unused.map((one) => unusedInput(one, host)),
    ...(isJudge ? lackOf(name, collected, { given, host }) : []),
    ...refuseEmptyDiff(set, host),
  ];
  return hasErrors(diagnostics) ? { diagnostics } : { value: collected.files, diagnostics };
}

/** A validator by itself: nobody calls it, so all that a caller would give it has to be given. */
interface Giving {
  readonly given: readonly string[];
  readonly host: Host;
}

function lackOf(name: string, { fromCaller }: Collected, { given, host }: Giving): readonly Diagnostic[] {
  const lacking = fromCaller.filter((input) => !given.includes(input));
  if (lacking.length === 0) return [];
  const names = lacking.map((input) => `\`${input}\``).join(', ');
  const message = `${name} is a validator: in a run of its own no gate gives it what it judges by, and it lacks ${names}`;
  const gate = `name it in a gate: \`- validate: validators/${basename(name).replace(/\.ya?ml$/, '')}\``;
  // Nothing is expanded in an input of the Action.
  const diff = host === 'runner' ? '…' : '"$(git diff main)"';
  const flags = lacking.map((input) => givenBy(host, input, input === 'diff' ? diff : '…'));
  // A value of a step or task is nothing that a person could give.
  const canBeGiven = lacking.every((input) => /^[\w-]{1,64}$/.test(input));
  const hint = canBeGiven
    ? `add ${flags.join(host === 'runner' ? ', ' : ' ')} (it judges the commit that is checked out), or ${gate}`
    : gate;
  return [{ severity: 'error', code: 'validator', message, hint }];
}

/** `--set diff="$(git diff …)"` with nothing to tell: what judges an empty change finds it in order. */
function refuseEmptyDiff(set: Readonly<Record<string, string>>, host: Host): readonly Diagnostic[] {
  if (!Object.hasOwn(set, 'diff') || set.diff?.trim() !== '') return [];
  const message =
    'the input `diff` is empty: there would be nothing to judge, and that looks like a change that is in order';
  const hint = `give it a change, as unified diff: ${givenBy(host, 'diff', host === 'runner' ? '…' : '"$(git diff main)"')}`;
  return [{ severity: 'error', code: 'empty-diff', message, hint }];
}

/** What was typed and would be ignored is refused: it is most likely misspelt. */
export function unusedInput({ name, near }: Collected['unused'][number], host: Host): Diagnostic {
  const message = `nothing in the workflow uses the input \`${name}\``;
  const hint = near
    ? `did you mean ${givenBy(host, near)}?`
    : `remove ${givenBy(host, name)}, or write {${name}} where it is wanted`;
  return { severity: 'error', code: 'unused-input', message, hint };
}

/** For a configuration that is broken: which agents it knows cannot be told. */
export function withoutUnknownAgents(diagnostics: readonly Diagnostic[]): readonly Diagnostic[] {
  return diagnostics.filter(({ code }) => code !== 'unknown-agent');
}

/** Its path says so; or there is no workflow of that name, and a validator is. */
function isValidator(folders: PlaybookFolders, name: string): boolean {
  if (isValidatorPath(name)) return true;
  return findWorkflow(folders, name) === null && findWorkflow(folders, `validators/${name}`) !== null;
}

function missingFile(name: string): Diagnostic {
  const message = `the workflow ${name} cannot be read: there is no such file`;
  const hint = 'give the path of a file, or the name of a workflow without an ending';
  return { severity: 'error', code: 'unknown-workflow', message, hint };
}

function unknownWorkflow(
  folders: PlaybookFolders,
  name: string,
  resolvePath: (path: string) => string,
): Diagnostic {
  const names = workflowNames(folders);
  // Without an ending a file is not looked for.
  const file = [`${name}.yaml`, `${name}.yml`].find((one) => openWorkflowFile(resolvePath(one)));
  const near = file ?? nearest(name, names);
  const hint = `${near ? `did you mean ${near}? ` : ''}the workflows here are: ${names.join(', ')}`;
  return { severity: 'error', code: 'unknown-workflow', message: `there is no workflow "${name}"`, hint };
}

export interface PlanOrder {
  readonly run: string;
  readonly files: WorkflowFiles;
  readonly spec: Spec;
  readonly base: string;
  readonly settings: RunSettings;
}

export function preparePlan({ run, files, spec, base, settings }: PlanOrder): Prepared<Plan> {
  const { workflow, called } = loadWorkflows(files);
  if (!workflow)
    return {
      diagnostics: [{ severity: 'error', code: 'workflow', message: `${files.main.file} cannot be read` }],
    };
  const { plan, diagnostics } = buildPlan({
    run,
    workflow,
    spec,
    base,
    settings,
    gump: gumpVersion,
    called,
  });
  if (!plan) return { diagnostics };
  const wrong = checkSettings(plan);
  return wrong.length > 0 ? { diagnostics: [...diagnostics, ...wrong] } : { value: plan, diagnostics };
}

/** What was typed beside the workflow must mean something in it. */
function checkSettings(plan: Plan): readonly Diagnostic[] {
  const { settings, nodes, build } = plan;
  const families = [...knownFamilies, ...ownFamilies(settings.agents ?? {})];
  const { agent, default_agent } = settings;
  const asked = new Set([agent, default_agent, ...agentNames(plan)]);
  const names = [...asked].flatMap((name) => {
    const why = name === null ? null : refuseTypedAgent(name, families);
    return why ? [{ severity: 'error' as const, code: 'unknown-agent', ...why }] : [];
  });
  const { pause_after: path } = settings;
  if (path === null || isStepPath(nodes, build, path.split('/'))) return names;
  const known = nodes.map(({ step }) => step.name);
  const near = nearest(path, known);
  const message = `there is no step ${path} after which the run could pause`;
  const hint = `${near ? `did you mean ${near}? ` : ''}name a step (${known.join(', ')}), or one within a task by its path: split/task/step`;
  return [...names, { severity: 'error', code: 'unknown-step', message, hint }];
}

/** A task's name is only known when its split has run, so any is right. */
export function isStepPath(
  nodes: readonly PlanNode[],
  build: string | null,
  path: readonly string[],
): boolean {
  const [first = '', ...rest] = path;
  const name = first === 'build' && build !== null ? build : first;
  const node = nodes.find(({ step }) => step.name === name);
  if (!node || rest.length === 0) return node !== undefined;
  if (node.get && rest[0] === 'get') return isStepPath([node.get], null, rest);
  const below = node.step.kind === 'split' ? rest.slice(1) : rest;
  return below.length > 0 && isStepPath(node.children, null, below);
}

/** Every agent that the plan names must be there before any money is spent; a family is told once. */
export function checkAgents(plan: Plan, agents: AgentRegistry): readonly Diagnostic[] {
  const problems = new Map<string, Diagnostic>();
  for (const name of agentNames(plan)) {
    const found = agents.find(name);
    const family = agents.family(name);
    const diagnostic = problems.has(family) ? null : agentProblem(plan, name, found);
    if (diagnostic) problems.set(family, diagnostic);
  }
  return [...problems.values()];
}

function agentProblem(
  { limits: { maxBudgetUsd, maxTokens } }: Plan,
  name: string,
  found: ReturnType<AgentRegistry['find']>,
): Diagnostic | null {
  if ('problem' in found) {
    const { problem: message, hint } = found;
    return { severity: 'error', code: 'agent', message, hint };
  }
  if (!found.costUnknown || (maxBudgetUsd === null && maxTokens === null)) return null;
  const what = maxBudgetUsd === null ? `${maxTokens} tokens` : `$${maxBudgetUsd.toFixed(2)}`;
  const message = `nobody can tell what ${name} uses, so the limit of ${what} does not hold it`;
  return {
    severity: 'warning',
    code: 'unknown-cost',
    message,
    hint: 'limit it by time: max_timeout, or guard: {max_time: 30m}',
  };
}

/** Of every step that may launch one, as far as they can be told before the run. */
function agentNames(plan: Plan): ReadonlySet<string> {
  const named = describePlan(plan).steps.flatMap(agentsOf);
  return new Set(named.filter((name) => name !== 'pass' && !name.includes('{')));
}

function agentsOf({ attempts, gates, get, steps }: StepDescription): string[] {
  const judges = [...gates, ...attempts.flatMap(({ judge }) => judge ?? [])];
  return [
    ...attempts.flatMap(({ agent }) => agent ?? []),
    ...[...get, ...judges.flatMap((judge) => judge.steps), ...steps].flatMap(agentsOf),
  ];
}

/** The agent script of a text; null without a text. */
export function prepareScript(
  source: { readonly file: string; readonly text: string } | null,
): Prepared<AgentScript | null> {
  if (source === null) return { value: null, diagnostics: [] };
  const { script, diagnostics } = parseAgentScript(source);
  return script && !hasErrors(diagnostics) ? { value: script, diagnostics } : { diagnostics };
}
