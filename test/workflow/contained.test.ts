import { describe, expect, it } from 'vitest';
import { findWorkflow } from '../../src/playbook/source.ts';
import { containedName, whyOutside } from '../../src/workflow/contained.ts';
import { parseWorkflow } from '../../src/workflow/parse.ts';
import { checkTasks } from '../../src/workflow/task-list.ts';
import { hostileNames, hostilePaths } from './hostile-words.ts';

/** The problems of a workflow with one step, in which `<X>` is this word in quotes. */
function problemsWith(step: string, word: string) {
  // JSON's escapes are YAML's too, and leave no doubt about the bytes.
  const quoted = JSON.stringify(word).replace(/[\x7f-\uffff]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
  const text = `name: x\nsteps:\n  - ${step.replace('<X>', () => quoted)}\n`;
  const asked: string[] = [];
  const readPrompt = (path: string) => {
    asked.push(path);
    return 'text';
  };
  const { workflow, diagnostics } = parseWorkflow({ file: 'w.yaml', text, readPrompt });
  return { workflow, diagnostics, asked };
}

const places = {
  'a called workflow': '{name: a, workflow: <X>}',
  'a workflow that is called before the agent': '{name: a, type: code, get: {workflow: <X>}}',
  'a validator': '{name: a, gate: [{validate: <X>}]}',
  'a validator in a retry':
    '{name: a, type: code, prompt: p, retry: [{validate: <X>, session: new}, {exit: 2}]}',
  'a prompt file': '{name: a, type: code, prompt: {file: <X>}}',
  'a prompt file of a retry':
    '{name: a, type: code, prompt: p, retry: [{attempt: 2, prompt: {file: <X>}}, {exit: 2}]}',
  'a context file': '{name: a, type: code, prompt: p, context: [{file: <X>}]}',
};

describe.each(Object.entries(places))('%s', (_, step) => {
  it.each(hostilePaths)('is refused with its place where its path is %j', (path) => {
    const { workflow, diagnostics, asked } = problemsWith(step, path);
    expect(workflow).toBeNull();
    expect(diagnostics.map(({ code, at }) => [code, at?.line])).toEqual([
      [expect.stringMatching(/^(bad-path|wrong-type)$/), 3],
    ]);
    expect(asked).toEqual([]);
  });
});

const namePlaces = {
  'a step': '{name: <X>, gate: [test]}',
  'a gate': '{name: a, gate: [{test: , name: <X>}]}',
  'an input of a validator': '{name: a, gate: [{validate: v, <X>: b}]}',
  'an input of a called workflow': '{name: a, workflow: w, with: {<X>: b}}',
  'the step of a session': '{name: a, type: code, prompt: p, session: {from: <X>}}',
  'the gate of a retry':
    '{name: a, type: code, prompt: p, gate: [test], retry: [{not: <X>, session: new}, {exit: 2}]}',
};

describe.each(Object.entries(namePlaces))('%s', (_, step) => {
  it.each(hostileNames)('is refused with its place where its name is %j', (name) => {
    const { workflow, diagnostics } = problemsWith(step, name);
    expect(workflow).toBeNull();
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(diagnostics.every(({ at }) => at?.line === 3)).toBe(true);
  });
});

describe('a task', () => {
  it.each(hostileNames)('is refused where its name is %j', (name) => {
    expect(checkTasks([{ name, description: 'd', files: null }])).toHaveLength(1);
  });

  it.each(hostilePaths)('is refused where one of its files is %j', (file) => {
    expect(checkTasks([{ name: 'a', description: 'd', files: ['ok.ts', file] }])).toHaveLength(1);
  });
});

describe('the playbook', () => {
  const folders = { project: null, user: null };
  it.each([...hostilePaths, '../workflows/simple', './simple', 'simple/', 'validators/../simple'])(
    'holds no workflow and no validator of the name %j',
    (name) => {
      expect(findWorkflow(folders, name)).toBeNull();
      expect(findWorkflow(folders, `validators/${name}`)).toBeNull();
    },
  );
});

describe('a path that stays where it is', () => {
  it.each([
    'arch-review',
    'validators/arch-review',
    'validators/arch-review.yaml',
    'a/b/c_d',
    '..a/b',
    '.a',
    'a..b',
    'ä/ö x',
    '日本/語',
    'a-b',
    '.github/x',
    '.gitignore',
    'git~a',
    'a~',
  ])('may be %s', (path) => {
    expect(containedName(path)).toBeNull();
    expect(whyOutside(path)).toBeNull();
  });

  it.each(['src/', './src/a.ts', 'src/**/*.ts', '{a,b}.ts', '*', 'src/[ab]?.ts', 'a/-x'])(
    'may be %s as a task writes it',
    (path) => {
      expect(whyOutside(path)).toBeNull();
      expect(checkTasks([{ name: 'a', description: 'd', files: [path] }])).toEqual([]);
    },
  );

  it.each(['./a', 'a//b', 'a/', '{x}', 'a/-x'])('may not be %s where one file is meant', (path) => {
    expect(containedName(path)).toMatch(/^(it|a segment) /);
  });
});
