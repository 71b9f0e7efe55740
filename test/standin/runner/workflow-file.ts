import type { BasicExpressionToken } from '@actions/workflow-parser/templates/tokens/basic-expression-token';
import type { MappingToken } from '@actions/workflow-parser/templates/tokens/mapping-token';
import type { TemplateToken } from '@actions/workflow-parser/templates/tokens/template-token';
import { Refusal } from '../refusal.ts';
import { asText, evaluate, type Json } from './expression.ts';
import type { GithubPackages } from './github-packages.ts';

/** A workflow file as the runner needs it; what may hold an expression stays a token. */
export interface WorkflowFile {
  readonly path: string;
  readonly name: string;
  readonly triggers: readonly string[];
  /** The `types:` of a trigger; undefined where the file names none. */
  typesOf(trigger: string): readonly string[] | undefined;
  readonly dispatchInputs: readonly DispatchInput[];
  readonly runName: TemplateToken | undefined;
  readonly permissions: TemplateToken | undefined;
  readonly env: TemplateToken | undefined;
  readonly concurrency: TemplateToken | undefined;
  readonly jobs: readonly JobDefinition[];
}

export interface DispatchInput {
  readonly name: string;
  readonly type: string;
  readonly required: boolean;
  readonly default: Json;
  readonly options: readonly string[];
}

export interface JobDefinition {
  readonly id: string;
  readonly name: TemplateToken | undefined;
  readonly needs: readonly string[];
  /** Completed by the parser: `success() && (…)` where no status function is named. */
  readonly condition: BasicExpressionToken;
  readonly runsOn: TemplateToken | undefined;
  readonly permissions: TemplateToken | undefined;
  readonly env: TemplateToken | undefined;
  readonly concurrency: TemplateToken | undefined;
  readonly strategy: TemplateToken | undefined;
  readonly outputs: TemplateToken | undefined;
  readonly timeoutMinutes: TemplateToken | undefined;
  readonly continueOnError: TemplateToken | undefined;
  readonly steps: readonly StepDefinition[];
}

export interface StepDefinition {
  readonly id: string;
  readonly name: TemplateToken | undefined;
  readonly condition: BasicExpressionToken;
  readonly uses: string | undefined;
  readonly run: TemplateToken | undefined;
  readonly with: TemplateToken | undefined;
  readonly env: TemplateToken | undefined;
  readonly shell: TemplateToken | undefined;
  readonly workingDirectory: TemplateToken | undefined;
  readonly continueOnError: TemplateToken | undefined;
}

const literalScope = { contexts: {}, standing: 'success' } as const;

/**
 * Reads a workflow file with GitHub's own parser, which holds it to GitHub's schema.
 *
 * @throws Refusal (422) with every problem and its place, or for what this runner does not offer
 *   (containers, services, reusable workflows)
 */
export async function readWorkflow(
  packages: GithubPackages,
  path: string,
  content: string,
): Promise<WorkflowFile> {
  const { parser } = packages;
  const parsed = parser.parseWorkflow({ name: path, content }, new parser.NoOperationTraceWriter());
  refuseOnErrors(path, parsed.context.errors.getErrors());
  if (parsed.value === undefined) throw new Refusal(422, `${path} is not a workflow: it is empty.`);
  const template = await parser.convertWorkflowTemplate(parsed.context, parsed.value);
  refuseOnErrors(path, parsed.context.errors.getErrors());
  const root = parsed.value.assertMapping('workflow');
  const jobs = root.find('jobs')?.assertMapping('jobs');
  const literal = (token: TemplateToken | undefined): Json => evaluate(packages, token, literalScope);
  return {
    path,
    name: asText(literal(root.find('name'))) || path,
    triggers: triggersOf(literal(root.find('on'))),
    typesOf: (trigger) => typesOf(literal(root.find('on')), trigger),
    dispatchInputs: dispatchInputsOf(literal(root.find('on'))),
    runName: root.find('run-name'),
    permissions: root.find('permissions'),
    env: root.find('env'),
    concurrency: root.find('concurrency'),
    jobs: template.jobs.map((job) => {
      const mapping = jobs?.find(job.id.value)?.assertMapping('job');
      if (
        job.type !== 'job' ||
        mapping === undefined ||
        mapping.find('container') ||
        mapping.find('services')
      ) {
        throw new Refusal(
          422,
          `The job "${job.id.value}" of ${path} cannot run here: this runner has no containers and no reusable workflows.`,
        );
      }
      return jobOf(mapping, job);
    }),
  };
}

interface ConvertedJob {
  readonly id: { readonly value: string };
  readonly needs?: readonly { readonly value: string }[];
  readonly if: BasicExpressionToken;
  readonly steps: readonly unknown[];
}

function jobOf(mapping: MappingToken, job: ConvertedJob): JobDefinition {
  // The converted steps carry completed conditions but no `with`: the two are read side by side.
  const tokens = [...(mapping.find('steps')?.assertSequence('steps') ?? [])];
  return {
    id: job.id.value,
    name: mapping.find('name'),
    needs: (job.needs ?? []).map((need) => need.value),
    condition: job.if,
    runsOn: mapping.find('runs-on'),
    permissions: mapping.find('permissions'),
    env: mapping.find('env'),
    concurrency: mapping.find('concurrency'),
    strategy: mapping.find('strategy'),
    outputs: mapping.find('outputs'),
    timeoutMinutes: mapping.find('timeout-minutes'),
    continueOnError: mapping.find('continue-on-error'),
    steps: tokens.map((token, index) =>
      stepOf(token.assertMapping('step'), job.steps[index] as { id: string; if: BasicExpressionToken }),
    ),
  };
}

function stepOf(mapping: MappingToken, step: { id: string; if: BasicExpressionToken }): StepDefinition {
  return {
    id: step.id,
    name: mapping.find('name'),
    condition: step.if,
    uses: mapping.find('uses')?.assertString('uses').value,
    run: mapping.find('run'),
    with: mapping.find('with'),
    env: mapping.find('env'),
    shell: mapping.find('shell'),
    workingDirectory: mapping.find('working-directory'),
    continueOnError: mapping.find('continue-on-error'),
  };
}

function triggersOf(on: Json): readonly string[] {
  if (typeof on === 'string') return [on];
  if (Array.isArray(on)) return on.map((item) => asText(item as Json));
  return on !== null && typeof on === 'object' ? Object.keys(on) : [];
}

function typesOf(on: Json, trigger: string): readonly string[] | undefined {
  const block = isRecord(on) ? on[trigger] : undefined;
  const types = isRecord(block) ? block.types : undefined;
  return types === undefined ? undefined : [types].flat().map((type) => asText(type as Json));
}

function dispatchInputsOf(on: Json): readonly DispatchInput[] {
  const dispatch = isRecord(on) ? on.workflow_dispatch : undefined;
  const inputs = isRecord(dispatch) ? dispatch.inputs : undefined;
  if (!isRecord(inputs)) return [];
  return Object.entries(inputs).map(([name, value]) => {
    const input = isRecord(value) ? value : {};
    const options = input.options;
    return {
      name,
      type: asText(input.type) || 'string',
      required: input.required === true,
      default: input.default ?? null,
      options: Array.isArray(options) ? options.map((option) => asText(option as Json)) : [],
    };
  });
}

function isRecord(value: Json | undefined): value is { readonly [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function refuseOnErrors(path: string, errors: readonly { readonly message: string }[]): void {
  if (errors.length === 0) return;
  const problems = errors.map((error) => error.message).join('; ');
  throw new Refusal(422, `${path} is not a valid workflow: ${problems}`);
}
