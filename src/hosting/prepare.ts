/** From what a person gave to a plan, or every reason why not; nothing has been changed until then. */
import { type AgentScript, parseAgentScript } from '../agents/script.ts';
import { type Diagnostic, hasErrors, nearest } from '../diagnostic.ts';
import type { RunSettings } from '../events/event.ts';
import { buildPlan } from '../plan/build.ts';
import type { Plan, PlanNode } from '../plan/plan.ts';
import { collectWorkflow, loadWorkflows, type WorkflowFiles } from '../playbook/collect.ts';
import {
  findValidator,
  findWorkflow,
  openWorkflowFile,
  type PlaybookFolders,
  workflowNames,
} from '../playbook/source.ts';
import type { AgentRegistry } from '../ports/agent.ts';
import type { Spec } from '../spec/spec.ts';
import { gumpVersion } from './version.ts';

export type Prepared<T> =
  | { readonly value: T; readonly diagnostics: readonly Diagnostic[] }
  | { readonly diagnostics: readonly Diagnostic[] };

/** A workflow by its name or, with a `/` or an ending, by its path. */
export function prepareWorkflow(
  folders: PlaybookFolders,
  name: string,
  resolvePath: (path: string) => string,
): Prepared<WorkflowFiles> {
  const isPath = /\.ya?ml$/.test(name);
  const found = isPath ? openWorkflowFile(resolvePath(name)) : findWorkflow(folders, name);
  if (!found) return { diagnostics: [unknownWorkflow(folders, name)] };
  const main = isPath ? { ...found, file: name } : found;
  const { files, diagnostics } = collectWorkflow(main, (path) => findValidator(folders, path));
  return hasErrors(diagnostics) ? { diagnostics } : { value: files, diagnostics };
}

function unknownWorkflow(folders: PlaybookFolders, name: string): Diagnostic {
  const names = workflowNames(folders);
  const near = nearest(name, names);
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
  const { workflow, validator } = loadWorkflows(files);
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
    validator,
  });
  return plan ? { value: plan, diagnostics } : { diagnostics };
}

/** Every agent that the plan names must be there before any money is spent. */
export function checkAgents(plan: Plan, agents: AgentRegistry): readonly Diagnostic[] {
  const problems = [...agentNames(plan)].flatMap((name) => {
    const found = agents.find(name);
    return 'problem' in found
      ? [{ severity: 'error' as const, code: 'agent', message: found.problem, hint: found.hint }]
      : [];
  });
  return problems;
}

function agentNames(plan: Plan): ReadonlySet<string> {
  const { agent, default_agent } = plan.settings;
  const named =
    agent === null ? [...plan.nodes.flatMap(namesIn), ...(default_agent ? [default_agent] : [])] : [agent];
  return new Set(named.filter((name) => name !== 'pass' && !name.includes('{')));
}

function namesIn({ step, children, gates }: PlanNode): string[] {
  return [
    ...(step.agent ? [step.agent] : []),
    ...step.retry.flatMap(({ overrides }) => (overrides.agent ? [overrides.agent] : [])),
    ...gates.flatMap(({ gate, nodes }) => [
      ...(gate.inputs.agent ? [gate.inputs.agent] : []),
      ...nodes.flatMap(namesIn),
    ]),
    ...children.flatMap(namesIn),
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
