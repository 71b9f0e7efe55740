/** Reading and checking a long workflow, beside the bare YAML library on the same text. */
import { parseDocument } from 'yaml';
import { checkAgents } from '../../src/workflow/agent-names.ts';
import { checkNames } from '../../src/workflow/names.ts';
import { type Figure, median } from './figure.ts';
import { longWorkflow, parseLong } from './long-workflow.ts';

const steps = 1_000;

export function workflowFigures(): readonly Figure[] {
  const text = longWorkflow(steps);
  const check = () => {
    const workflow = parseLong(text);
    return [...checkNames(workflow), ...checkAgents(workflow)];
  };
  const yaml = timed(() => parseDocument(text));
  const whole = timed(check);
  const hundred = longWorkflow(steps / 10);
  const tenth = timed(() => checkNames(parseLong(hundred)));
  return [
    {
      name: `parse and check of ${steps} steps`,
      value: whole,
      unit: 'ms',
      baseline: { name: 'yaml, parseDocument', value: yaml },
      note: 'goal: below 100 ms',
    },
    {
      name: `the same per step`,
      value: (whole / steps) * 1_000,
      unit: 'µs',
      baseline: { name: `of ${steps / 10} steps`, value: (tenth / (steps / 10)) * 1_000 },
    },
  ];
}

function timed(act: () => unknown): number {
  for (let round = 0; round < 3; round++) act();
  const times = Array.from({ length: 15 }, () => {
    const start = performance.now();
    act();
    return performance.now() - start;
  });
  return median(times);
}
