/** The templates of a step, each with its place. */
import type { Position } from '../diagnostic.ts';
import type { Step } from './workflow.ts';

export interface Written {
  readonly template: string;
  /** Where its value begins. */
  readonly at: Position;
  /** True where it is rendered after the step's first attempt, so that the step itself has values. */
  readonly isAfter: boolean;
  /** True where it is rendered after the step's `get.workflow`, so that the state of that has values. */
  readonly hasState: boolean;
}

/** In the order of the file's keys. Globs of gates are no templates: braces mean something else in them. */
export function templatesOf(step: Step): readonly Written[] {
  const written = (template: string, key: string, at: Position = step.at): Written => ({
    template,
    at: step.places?.[key] ?? at,
    isAfter: key.startsWith('gate') || key.startsWith('retry'),
    hasState: !key.startsWith('with'),
  });
  const all = (inputs: Readonly<Record<string, string>>, key: string, at: Position): readonly Written[] =>
    Object.entries(inputs).map(([name, template]) => written(template, `${key}.${name}`, at));
  return [
    ...(step.prompt === null ? [] : [written(step.prompt, 'prompt')]),
    ...step.context.map((entry, index) =>
      written(entry.kind === 'file' ? entry.path : entry.command, `context.${index}`, entry.at),
    ),
    ...(step.agent === null ? [] : [written(step.agent, 'agent')]),
    ...all(step.with, 'with', step.at),
    ...step.gates.flatMap((gate, index) => [
      ...(gate.kind === 'bash' ? [written(gate.argument ?? '', `gate.${index}`, gate.at)] : []),
      ...all(gate.inputs, `gate.${index}`, gate.at),
    ]),
    ...step.retry.flatMap(({ condition, overrides, at }, index) => [
      ...(condition.kind === 'validate' ? all(condition.with, `retry.${index}.with`, at) : []),
      ...(overrides.agent === undefined ? [] : [written(overrides.agent, `retry.${index}.agent`, at)]),
      ...(overrides.prompt === undefined ? [] : [written(overrides.prompt, `retry.${index}.prompt`, at)]),
    ]),
  ];
}
