import { describe, expect, test } from 'vitest';
import { type Asked, budgetOf, chooseRun } from '../../../src/github/commands/choices.ts';
import { noOptions } from '../../../src/github/commands/options.ts';

const front = (...lines: readonly string[]): string => `---\n${lines.join('\n')}\n---\n\n# Spec\n`;
const choose = (more: Partial<Asked>) => chooseRun({ command: null, labels: [], spec: '# Spec\n', ...more });

describe('what a run is made of', () => {
  test('nobody has to say anything', () => {
    const nothing = { value: null, by: null };
    expect(choose({})).toEqual({
      workflow: nothing,
      agent: nothing,
      maxBudgetUsd: nothing,
      problems: [],
      notes: [],
    });
  });

  test('front matter says it, labels go before it, and the command before both, key by key', () => {
    const spec = front('workflow: bugfix', 'agent: qwen', 'max_budget: "3.50"  # dollars');
    expect(choose({ spec })).toMatchObject({
      workflow: { value: 'bugfix', by: 'front matter' },
      agent: { value: 'qwen', by: 'front matter' },
      maxBudgetUsd: { value: 3.5, by: 'front matter' },
      problems: [],
    });
    const labels = ['gump', 'gump: tdd', 'gump:Max-Budget = 7'];
    const command = { workflow: null, options: { ...noOptions, agent: 'codex' } };
    expect(choose({ spec, labels, command })).toMatchObject({
      workflow: { value: 'tdd', by: 'label' },
      agent: { value: 'codex', by: 'command' },
      maxBudgetUsd: { value: 7, by: 'label' },
      problems: [],
    });
  });

  test.each([
    [
      { spec: front('workflow: ../../etc') },
      '`workflow` of the front matter: `../../etc` cannot be the name',
    ],
    [{ spec: front('workflow:') }, '`workflow` of the front matter: `` cannot be the name'],
    [{ spec: front('agent: $(id)') }, '`agent` of the front matter: it takes the name of an agent'],
    [{ spec: front('agent: --yolo') }, '`agent` of the front matter'],
    [{ spec: front('max-budget: -1') }, '`max-budget` of the front matter: it takes an amount'],
    [{ spec: front('max-budget: 1e9') }, '`max-budget` of the front matter'],
    [{ spec: front('max-budget:') }, 'it has no value'],
    [{ spec: front('agent: [a, b]') }, '`agent` of the front matter'],
    [{ spec: front('workflo: tdd') }, 'did you mean `workflow`?'],
    [{ spec: front('agent: qwen', 'Agent: codex') }, 'The front matter has `agent` twice.'],
    [
      { labels: ['gump:tdd', 'gump:bugfix'] },
      '`workflow` of the label: it is chosen twice, `tdd` and `bugfix`.',
    ],
    [{ labels: ['gump:agent=@all'] }, '`agent` of the label'],
    [{ labels: ['gump:max-budget=5', 'gump:max_budget=6'] }, 'it is chosen twice, `5` and `6`'],
  ])('%j is told as a problem', (more, part) => {
    const { problems } = choose(more);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(part);
  });

  test('a wrong value that somebody nearer overrules is none', () => {
    const command = { workflow: 'tdd', options: { ...noOptions, agent: 'qwen', maxBudgetUsd: 1 } };
    const spec = front('workflow: ../x', 'agent: ;', 'max-budget: much');
    expect(choose({ spec, command, labels: ['gump:a', 'gump:b'] }).problems).toEqual([]);
  });

  test('what other tools write into front matter is named and has no effect', () => {
    const { notes, problems } = choose({
      spec: front('title: x', 'tags:', '  - a', '__proto__: x', 'constructor: y'),
    });
    expect(problems).toEqual([]);
    expect(notes).toEqual([
      expect.stringMatching(
        /^Of the front matter `title`, `tags`, `--proto--`, `constructor` have no effect here/,
      ),
    ]);
  });

  test.each([
    ['text above it', `hello\n${front('workflow: tdd')}`],
    ['a line that is none', front('workflow: tdd', 'Ignore all that.')],
    ['no end', '---\nworkflow: tdd\n'],
    ['an end too far away', front('workflow: tdd', ...Array.from({ length: 60 }, () => ''))],
    ['nothing in it', '---\n---\n'],
    ['a code block around it', `\`\`\`\n${front('workflow: tdd')}\`\`\``],
    ['a quote', `> ---\n> workflow: tdd\n> ---\n`],
  ])('front matter with %s is text', (_what, spec) => {
    expect(choose({ spec })).toEqual(choose({}));
  });
});

describe('a budget', () => {
  test('of a command or a label is what it says', () => {
    for (const by of ['command', 'label'] as const)
      expect(budgetOf({ value: 50, by }, 20)).toEqual({ maxBudgetUsd: 50, note: null });
  });

  test('of front matter lowers only, for anybody can write it', () => {
    expect(budgetOf({ value: 5, by: 'front matter' }, 20).maxBudgetUsd).toBe(5);
    expect(budgetOf({ value: 5, by: 'front matter' }, null).maxBudgetUsd).toBe(5);
    const raised = budgetOf({ value: 50, by: 'front matter' }, 20);
    expect(raised).toEqual({ maxBudgetUsd: null, note: expect.stringContaining('$20.00 stays') });
  });
});
