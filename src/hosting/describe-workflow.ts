/** What a workflow would do, for the spec comment: as the default branch says it, with its gump.toml, else the playbook that ships. */
import { emptyConfig } from '../config/config.ts';
import { ownFamilies } from '../config/layers.ts';
import { parseConfig } from '../config/parse.ts';
import { formatDiagnostic } from '../diagnostic.ts';
import type { DescribeWorkflow } from '../github/workflow-facts.ts';
import { collectWorkflow, loadWorkflows } from '../playbook/collect.ts';
import { findWorkflow, libraryIn, type WorkflowFile, workflowNames } from '../playbook/source.ts';
import type { Step } from '../workflow/workflow.ts';
import { projectFile } from './config-layers.ts';

const shipped = { project: null, user: null };

export const describeWorkflow: DescribeWorkflow = async ({ named, otherwise }, readFile) => {
  const text = await readFile(projectFile);
  const parsed = text === null ? null : parseConfig({ file: projectFile, text });
  const config = parsed?.layer?.config ?? emptyConfig;
  const name = named ?? config.github.workflow ?? otherwise;
  const facts = { name, agents: [], maxBudgetUsd: null };
  if (parsed && !parsed.layer)
    return { ...facts, problem: parsed.diagnostics.map(formatDiagnostic).join('\n') };
  const main = (await ofRepository(name, readFile)) ?? findWorkflow(shipped, name);
  if (!main)
    return {
      ...facts,
      problem: `there is no workflow \`${name}\`; the playbook has ${workflowNames(shipped).join(', ')}`,
    };
  const { files, diagnostics } = collectWorkflow(main, libraryIn(shipped), {
    families: ownFamilies(config.agents),
  });
  const { workflow } = loadWorkflows(files);
  // A validator of the repository's own is found by the run; here it only lends its agent's name.
  const problems = diagnostics.filter(
    ({ severity, code }) => severity === 'error' && code !== 'unknown-validator',
  );
  if (!workflow || problems.length > 0) {
    const text = problems.map(formatDiagnostic).join('\n');
    return { ...facts, problem: text || 'the workflow cannot be read' };
  }
  return {
    name,
    agents: [...new Set(workflow.steps.flatMap(agentsOf))],
    maxBudgetUsd: workflow.maxBudgetUsd ?? config.budget.max_budget ?? null,
    problem: null,
  };
};

async function ofRepository(
  name: string,
  readFile: (path: string) => Promise<string | null>,
): Promise<WorkflowFile | null> {
  for (const ending of ['.yaml', '.yml']) {
    const file = `.gump/workflows/${name}${ending}`;
    const text = await readFile(file);
    if (text !== null) return { file, text, readPrompt: () => '' };
  }
  return null;
}

function agentsOf(step: Step): string[] {
  const named = [
    step.agent,
    ...step.retry.map(({ overrides }) => overrides.agent),
    ...step.gates.map(({ inputs }) => inputs.agent),
    ...step.retry.map(({ condition }) => (condition.kind === 'validate' ? condition.with.agent : null)),
    ...[...step.each, ...step.steps].flatMap(agentsOf),
  ];
  return named.filter(
    (agent): agent is string => typeof agent === 'string' && agent !== 'pass' && !agent.includes('{'),
  );
}
