/** What a run of implement-spec asks of GitHub's API: ten tasks, two attempts each, whole, with the Action's real bundle. */
import { newJob, openShortTown, where } from '../e2e/github-town.ts';
import type { Figure } from './figure.ts';

const tasks = 10;
/** See the contract: `GITHUB_TOKEN` has 1,000 an hour, and a repository has more than one run. */
const allowed = { requests: 300, writes: 150 } as const;

export async function requestFigures(): Promise<readonly Figure[]> {
  const people = await openShortTown({ agentScript: script() });
  const { town, mara, rita } = people;
  try {
    const { data } = await rita.issues.create({ ...where, title: 'Ten pieces', body: 'Write ten pieces.' });
    const issue_number = data.number;
    await mara.issues.addLabels({ ...where, issue_number, labels: ['gump'] });
    await people.settled();
    await mara.issues.createComment({ ...where, issue_number, body: '/gump run' });
    const job = await town.runner.ended((await newJob(town, 0, 60_000)).id);
    if (job.conclusion !== 'success')
      throw new Error(`The measured run did not pass:\n${job.log.join('\n')}`);
    const { requests, reviews, check_runs: checks } = await town.standin.dump();
    const asked = requests.filter(({ actor }) => actor === 'github-actions[bot]');
    const writes = asked.filter((request) => request.writes);
    const note = `${checks.length} checks, ${reviews.length} reviews`;
    return [
      figure('API requests', { value: asked.length, most: allowed.requests, note }),
      figure('writes among them', { value: writes.length, most: allowed.writes, note: 'git not among them' }),
    ];
  } finally {
    await town.close();
  }
}

function figure(name: string, { value, most, note }: { value: number; most: number; note: string }): Figure {
  const baseline = { name: 'less than', value: most };
  return {
    name: `implement-spec, ${tasks} tasks, 2 attempts: ${name}`,
    value,
    unit: 'count',
    baseline,
    note,
  };
}

/** Each task's first attempt is refused by the review, its second one passes. */
function script(): string {
  const numbers = Array.from({ length: tasks }, (_, at) => at + 1);
  const named = numbers.map(
    (n) =>
      `      - {name: piece-${n}, description: piece ${n}, files: [src/piece-${n}.js, test/piece-${n}.test.js]}`,
  );
  return `rules:
  - step: decompose
    tasks:
${named.join('\n')}
${numbers.flatMap((n) => [1, 2].map((attempt) => rule(n, attempt))).join('')}  - step: "**/review/*"
    attempt: 2
    verdict: {pass: true, comments: Meets the spec.}
  - step: decompose/*/smoke
    turns:
      - say: Nothing to fix.
`;
}

function rule(n: number, attempt: number): string {
  const verdict = `  - step: decompose/piece-${n}/converge/review/*
    attempt: 1
    verdict:
      pass: false
      comments: Not yet.
      findings: [{path: src/piece-${n}.js, line: 2, severity: error, body: Say it politely.}]
`;
  return `  - step: decompose/piece-${n}/converge
    attempt: ${attempt}
    turns:
      - say: I write it.
        write:
          src/piece-${n}.js: |
            /** Piece ${n}. */
            export const piece${n} = () => 'piece ${n}, ${attempt === 1 ? 'now' : 'please'}';
          test/piece-${n}.test.js: |
            import assert from 'node:assert/strict';
            import { test } from 'node:test';
            import { piece${n} } from '../src/piece-${n}.js';

            test('says it', () => {
              assert.match(piece${n}(), /piece ${n}/);
            });
        usage: {input_tokens: 8100, output_tokens: 900, cost: 0.04}
${attempt === 1 ? verdict : ''}`;
}
