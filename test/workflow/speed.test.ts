/** What reading and checking a workflow costs, by counting: a step costs the same however many there are. */
import { describe, expect, it } from 'vitest';
import { checkAgents } from '../../src/workflow/agent-names.ts';
import { alone, checkNames } from '../../src/workflow/names.ts';
import { checkCalls } from '../../src/workflow/needs.ts';
import type { Step, Workflow } from '../../src/workflow/workflow.ts';
import { longWorkflow, parseLong } from '../bench/long-workflow.ts';

/** How often the checks ask each step of a workflow for anything. */
function readsPerStep(text: string, role: 'run' | 'called'): number {
  const workflow = parseLong(text);
  let reads = 0;
  const steps = workflow.steps.map(
    (step): Step =>
      new Proxy(step, {
        get(target, key, receiver) {
          reads++;
          return Reflect.get(target, key, receiver);
        },
      }),
  );
  const watched: Workflow = { ...workflow, steps };
  const around = { ...alone, role };
  expect([...checkNames(watched, around), ...checkAgents(watched), ...checkCalls(watched, around)]).toEqual(
    [],
  );
  return reads / steps.length;
}

describe('checking a workflow', () => {
  it('asks each step as often in a thousand steps as in a hundred', () => {
    const [few, many] = [readsPerStep(longWorkflow(100), 'run'), readsPerStep(longWorkflow(1_000), 'run')];
    expect(few).toBeGreaterThan(1);
    expect(many / few).toBeLessThan(1.2);
  });

  it('asks each step as often where every step names one that nobody knows', () => {
    const unknown = (count: number) => longWorkflow(count).replaceAll('.output}', '.output} {nobody.output}');
    const [few, many] = [readsPerStep(unknown(100), 'called'), readsPerStep(unknown(1_000), 'called')];
    expect(many / few).toBeLessThan(1.2);
  });
});

describe('reading a workflow', () => {
  it('takes a step no more of the processor in fifteen hundred steps than in a hundred and fifty', () => {
    const perStep = (count: number): number => {
      const text = longWorkflow(count);
      const times = Array.from({ length: 5 }, () => {
        const start = process.cpuUsage();
        parseLong(text);
        // Of this process alone: what else the machine does is not counted.
        return process.cpuUsage(start).user;
      });
      return Math.min(...times) / count;
    };
    perStep(50);
    // The square would be tenfold.
    expect(perStep(1_500) / perStep(150)).toBeLessThan(5);
  });
});
