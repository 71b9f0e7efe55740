import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { tables } from '../../docs/tables.ts';
import { formatDiagnostic } from '../../src/diagnostic.ts';
import { interpret } from '../../src/engine/result.ts';
import { checkAgents } from '../../src/workflow/agent-names.ts';
import { fields, keysOf, type Place } from '../../src/workflow/fields.ts';
import { checkNames } from '../../src/workflow/names.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import { checkTasks } from '../../src/workflow/task-list.ts';
import { type NameGroupId, templateNames, writtenNames } from '../../src/workflow/template-names.ts';
import { problemsOf, readPrompt } from './problems-of.ts';

const page = readFileSync(new URL('../../docs/workflow-reference.md', import.meta.url), 'utf8');

/** The fenced blocks of the page with this word behind the fence, each with its line. */
function blocksOf(language: string): readonly { readonly line: number; readonly text: string }[] {
  return [...page.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].flatMap(({ 1: info, 2: text = '', index }) =>
    info === language ? [{ line: page.slice(0, index).split('\n').length + 1, text }] : [],
  );
}

/** The step of an example, as the body of a split: there every name can have a value. */
function inSplit(step: string): string {
  const body = step.replace(/^(?=.)/gm, '      ');
  return `name: x\nsteps:\n  - name: decompose\n    type: split\n    agent: claude\n    prompt: "{spec}"\n    each:\n${body}`;
}

const examples = [
  ...blocksOf('yaml'),
  ...blocksOf('yaml step').map(({ line, text }) => ({ line, text: inSplit(text) })),
];

/** What the file itself has of problems; the workflows that an example calls are the reader's. */
function problemsAlone(text: string): readonly string[] {
  const { workflow, diagnostics } = parseWorkflow({ file: 'workflow-reference.md', text, readPrompt });
  return [...diagnostics, ...(workflow ? [...checkNames(workflow), ...checkAgents(workflow)] : [])].map(
    formatDiagnostic,
  );
}

describe('the reference', () => {
  it.each(examples)('has a valid example in line $line', ({ text }) => {
    expect(problemsAlone(text)).toEqual([]);
  });

  it('has examples of tasks and of a verdict as an agent may answer them', () => {
    const usage = { turns: 1, tokens_in: 0, tokens_out: 0, cost: 0 };
    const result = { exitCode: 0, sessionId: null, error: null, commit: 'c', files: [], stepFiles: [] };
    const end = { ...result, denied: [], refused: [], usage };
    const results = blocksOf('json').map(({ text }, index) =>
      interpret(index === 0 ? 'split' : 'validate', { ...end, outcome: 'ok', output: text }),
    );
    expect(results.map(({ error }) => error)).toEqual([null, null]);
    expect(checkTasks(results[0]?.tasks ?? [])).toEqual([]);
    expect(results[1]?.verdict?.findings).toHaveLength(1);
  });

  it('tells every key of every place, and every name of a template', () => {
    const keys = (Object.keys(fields) as Place[]).flatMap(keysOf).map((key) => `| \`${key}\` |`);
    const names = (Object.keys(templateNames) as NameGroupId[]).flatMap((group) =>
      writtenNames(group).map(([name]) => `| \`${name}\` |`),
    );
    // What these two have is told in prose, with an example.
    const inProse = ['| `from` |'];
    expect([...keys, ...names].filter((row) => !page.includes(row) && !inProse.includes(row))).toEqual([]);
    expect(page).toContain('`{from: step}` continues');
  });

  it('shows every table once, or another page does', () => {
    const folder = new URL('../../docs/', import.meta.url);
    const pages = readdirSync(folder).filter((name) => name.endsWith('.md'));
    const texts = pages.map((name) => readFileSync(new URL(name, folder), 'utf8'));
    const shown = texts.flatMap((text) =>
      [...text.matchAll(/<!-- table: (.+?) -->/g)].map(([, name = '']) => name),
    );
    expect(shown.toSorted()).toEqual(Object.keys(tables).toSorted());
  });

  it('shows a problem as it is told', () => {
    const text = 'name: add\n\nsteps:\n  - name: a\n    type: code\n    prompt: p\n    retrys: []\n';
    const told = problemsOf('.gump/workflows/add.yaml', text).replace(/^(?=.)/gm, '    ');
    expect(page).toContain(`\n\n${told}\n`);
  });

  it('has a heading for every link into itself', () => {
    const anchors = [...page.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
      title
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    );
    const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.filter((link) => !anchors.includes(link ?? ''))).toEqual([]);
  });
});
