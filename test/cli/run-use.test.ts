import { expect, test } from 'vitest';
import type { RunOptions } from '../../src/cli/run.ts';
import { wrongUse } from '../../src/cli/run-use.ts';

interface Line {
  readonly workflow?: string;
  readonly options: RunOptions;
}

const fine: readonly Line[] = [
  { workflow: 'simple', options: { spec: 'spec.md' } },
  { options: { resume: true } },
  { options: { resume: true, run: 'x', maxBudget: 3, agentScript: 's.yaml', json: true, verbose: true } },
  { options: { replay: true, fromStep: 'make', run: 'x' } },
  {
    options: {
      replay: true,
      fromStep: 'a',
      agent: 'codex',
      maxBudget: 1,
      maxParallel: 2,
      pauseAfter: 'b',
      agentScript: 's',
    },
  },
];

test.each(fine)('$workflow $options goes together', ({ workflow, options }) => {
  expect(wrongUse(workflow ?? null, options)).toBeNull();
});

const wrong: readonly (Line & { readonly says: string })[] = [
  { options: { spec: 'spec.md' }, says: 'no workflow is named' },
  { options: { resume: true, replay: true, fromStep: 'a' }, says: 'exclude each other' },
  { workflow: 'simple', options: { resume: true }, says: '--resume takes no workflow' },
  { workflow: 'simple', options: { replay: true, fromStep: 'a' }, says: '--replay takes no workflow' },
  { options: { replay: true }, says: '--replay needs the step to begin with' },
  { options: { replay: true, fromStep: 'a', spec: 's' }, says: '--spec does not go with --replay' },
  { options: { resume: true, spec: 's' }, says: '--spec does not go with --resume' },
  { options: { resume: true, agent: 'codex' }, says: '--agent does not go with --resume' },
  { options: { resume: true, maxParallel: 2 }, says: '--max-parallel does not go with --resume' },
  { options: { resume: true, pauseAfter: 'a' }, says: '--pause-after does not go with --resume' },
  { options: { resume: true, fromStep: 'a' }, says: '--from-step does not go with --resume' },
  { workflow: 'simple', options: { spec: 's', fromStep: 'a' }, says: '--from-step goes with --replay' },
  { workflow: 'simple', options: { spec: 's', run: 'x' }, says: '--run goes with --resume or --replay' },
];

test.each(wrong)('$workflow $options is refused: $says', ({ workflow, options, says }) => {
  expect(wrongUse(workflow ?? null, options)).toContain(says);
});
