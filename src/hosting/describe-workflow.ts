/** What a workflow would do, for the spec comment: as the default branch says it, with its gump.toml, else the playbook that ships. */
import { type Config, emptyConfig } from '../config/config.ts';
import { ownFamilies } from '../config/layers.ts';
import { parseConfig } from '../config/parse.ts';
import { type Diagnostic, formatDiagnostic } from '../diagnostic.ts';
import type { DescribeWorkflow, ReadFile, WantedWorkflow } from '../github/runs/workflow-facts.ts';
import { type Collecting, collectWorkflow } from '../playbook/collect.ts';
import { givenOnGithub } from '../playbook/given-on-github.ts';
import { loadWorkflows, type WorkflowFiles } from '../playbook/snapshot.ts';
import { workflowNames } from '../playbook/source.ts';
import { knownFamilies, refuseAgentName } from '../workflow/agent-names.ts';
import { calledPaths, type FindCalled } from '../workflow/called.ts';
import type { Step, Workflow } from '../workflow/workflow.ts';
import { projectFile } from './config-layers.ts';
import { unusedInput } from './prepare.ts';
import { fetchLibrary, fetchWorkflow } from './repository-library.ts';
import { planProblems } from './validate.ts';
import { workflowPath } from './workflow-file.ts';

const shipped = { project: null, user: null };

export const describeWorkflow: DescribeWorkflow = async (wanted, readFile) => {
  const read = await readOnGithub(wanted, readFile);
  const { name } = read;
  if ('problem' in read) return { name, agents: [], maxBudgetUsd: null, problem: read.problem };
  const { workflow, called, config } = read;
  return {
    name,
    agents: [...agentsIn(workflow, called)],
    maxBudgetUsd: workflow.maxBudgetUsd ?? config.budget.max_budget ?? null,
    problem: null,
  };
};

export interface WorkflowRead {
  readonly name: string;
  readonly config: Config;
  readonly files: WorkflowFiles;
  readonly workflow: Workflow;
  readonly called: FindCalled;
}

/** A workflow of a repository that is not checked out, with all that it calls and the repository's gump.toml. */
export async function readOnGithub(
  { named, agent, otherwise }: WantedWorkflow,
  readFile: ReadFile,
): Promise<WorkflowRead | { readonly name: string; readonly problem: string }> {
  const text = await readFile(projectFile);
  const parsed = text === null ? null : parseConfig({ file: projectFile, text });
  const config = parsed?.layer?.config ?? emptyConfig;
  const name = named ?? config.github.workflow ?? otherwise;
  if (parsed && !parsed.layer) return { name, problem: parsed.diagnostics.map(formatDiagnostic).join('\n') };
  const host = 'runner';
  const families = ownFamilies(config.agents);
  const why = agent === null ? null : refuseAgentName(agent, [...knownFamilies, ...families]);
  if (why) return { name, problem: `${why.message}; ${why.hint}` };
  const main = await fetchWorkflow(name, readFile);
  if (!main)
    return {
      name,
      problem: `there is no workflow \`${name}\`; the playbook has ${workflowNames(shipped).join(', ')}`,
    };
  const library = await fetchLibrary(main, readFile);
  const first = collectWorkflow(main, library, { families, host });
  const { files, diagnostics, unused } = first.diagnostics.some(isMended)
    ? collectWorkflow(main, library, {
        families,
        host,
        ...inputsOf(givenOnGithub((await readFile(workflowPath)) ?? '')),
      })
    : first;
  const { workflow, called } = loadWorkflows(files);
  const problems = [
    ...diagnostics,
    ...unused.map((one) => unusedInput(one, host)),
    ...planProblems(files),
  ].filter(
    // What was not fetched may well be there.
    ({ severity, code }) => severity === 'error' && (library.isWhole || !code.startsWith('unknown-')),
  );
  if (!workflow || problems.length > 0) {
    const text = problems.map(formatDiagnostic).join('\n');
    return { name, problem: text || 'the workflow cannot be read' };
  }
  return { name, config, files, workflow, called };
}

/** What an input that the run is given may mend. */
function isMended({ code }: Diagnostic): boolean {
  return code === 'unknown-name' || code === 'missing-input';
}

/** Where only the runner knows them, any unknown name may be one. */
function inputsOf(given: readonly string[] | null): Collecting {
  return given === null ? { role: 'called' } : { given };
}

/** Of the workflow and of all that it calls, in that order. */
function agentsIn(main: Workflow, called: FindCalled): ReadonlySet<string> {
  const seen = new Set([main]);
  const agents = new Set<string>();
  // What is added while the set is walked through is walked through too.
  for (const workflow of seen) {
    for (const agent of workflow.steps.flatMap(agentsOf)) agents.add(agent);
    for (const { path } of calledPaths(workflow)) {
      const target = called(path);
      if (target) seen.add(target);
    }
  }
  return agents;
}

function agentsOf(step: Step): string[] {
  const named = [
    step.agent,
    step.with.agent,
    ...step.retry.map(({ overrides }) => overrides.agent),
    ...step.gates.map(({ inputs }) => inputs.agent),
    ...step.retry.map(({ condition }) => (condition.kind === 'validate' ? condition.with.agent : null)),
    ...[...step.each, ...step.steps].flatMap(agentsOf),
  ];
  return named.filter(
    (agent): agent is string => typeof agent === 'string' && agent !== 'pass' && !agent.includes('{'),
  );
}
