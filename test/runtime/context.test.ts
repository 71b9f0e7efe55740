import { execFileSync } from 'node:child_process';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import type { Shell } from '../../src/runtime/dependencies.ts';
import { only, planOf } from '../engine/given.ts';
import { hostilePaths } from '../workflow/hostile-words.ts';
import type { Fakes } from './fakes.ts';
import { open } from './given.ts';

interface Gathered {
  readonly prompt: string;
  readonly notices: readonly string[];
}

/** The prompt of a step with this context, and what was noticed. */
async function gather(
  entry: string,
  fakes: Fakes = {},
  prepare: (dir: string) => void = () => undefined,
): Promise<Gathered> {
  const plan = planOf(
    `  - name: do
    type: code
    prompt: p
    agent: claude
    context:
      - ${entry}`,
    { spec: "it's $(touch pwned)" },
  );
  let prompt = '';
  const made = open(plan, {
    ...fakes,
    agent: (order) => {
      prompt = order.prompt;
      return undefined;
    },
  });
  const tree = made.workspace.tree;
  Object.assign(made.workspace, {
    tree: async (scope: string, commit: string) => {
      const found = await tree(scope, commit);
      prepare(found.dir);
      return found;
    },
  });
  expect((await made.run()).status).toBe('pass');
  return { prompt, notices: only(await made.events(), 'notice').map(({ message }) => message) };
}

test('a file of the tree is quoted under its path', async () => {
  const { prompt, notices } = await gather('file: docs/a.md', { files: { 'docs/a.md': 'about\n' } });
  expect(prompt).toContain('## docs/a.md\n\nabout');
  expect(notices).toEqual([]);
});

test('a missing file is a notice, and the prompt goes without it', async () => {
  const { prompt, notices } = await gather('file: docs/a.md');
  expect(prompt).not.toContain('docs/a.md');
  expect(notices).toEqual([
    'the context file `docs/a.md` is not read: it is not in the tree; the prompt goes without it',
  ]);
});

test('what is missing is told once for a step, however many attempts it takes', async () => {
  const plan = planOf(
    '  - {name: do, type: code, prompt: p, agent: claude, context: [{file: a.md}], gate: [test], retry: [{exit: 3}]}\n  - {name: next, type: code, prompt: p, agent: claude, context: [{file: a.md}]}',
  );
  let left = 2;
  const made = open(plan, {
    gate: () => (left-- > 0 ? { status: 'fail', reason: 'red' } : { status: 'pass' }),
  });
  expect((await made.run()).status).toBe('pass');
  const events = await made.events();
  expect(only(events, 'agent_launched')).toHaveLength(4);
  expect(only(events, 'notice').map(({ step }) => step)).toEqual(['do', 'next']);
});

test.each(['../secret.txt', 'docs/../../secret.txt', '/etc/passwd'])(
  'the rendered path %s does not leave the tree',
  async (path) => {
    const plan = await gather(`file: "{spec}"`, {}, (dir) =>
      writeFileSync(join(dir, '..', 'secret.txt'), 'TOP'),
    ).then(() => gatherPath(path));
    expect(plan.prompt).not.toContain('TOP');
    expect(plan.notices).toHaveLength(1);
  },
);

async function gatherPath(path: string): Promise<Gathered> {
  const plan = planOf('  - {name: do, type: code, prompt: p, agent: claude, context: [{file: "{spec}"}]}', {
    spec: path,
  });
  let prompt = '';
  const made = open(plan, {
    agent: (order) => {
      prompt = order.prompt;
      return undefined;
    },
  });
  const tree = made.workspace.tree;
  Object.assign(made.workspace, {
    tree: async (scope: string, commit: string) => {
      const found = await tree(scope, commit);
      writeFileSync(join(found.dir, '..', 'secret.txt'), 'TOP');
      mkdirSync(join(found.dir, 'docs'), { recursive: true });
      return found;
    },
  });
  await made.run();
  return { prompt, notices: only(await made.events(), 'notice').map(({ message }) => message) };
}

test.each(hostilePaths.filter((path) => path.trim() !== ''))(
  'a rendered path is judged like a written one: %j is not read, and the notice says why',
  async (path) => {
    const plan = planOf(
      `  - {name: first, type: code, prompt: p, agent: claude}
  - {name: second, type: code, prompt: p, agent: claude, context: [{file: "{first.output}"}]}`,
    );
    const made = open(plan, { agent: () => ({ output: path }) });
    expect((await made.run()).status).toBe('pass');
    expect(only(await made.events(), 'notice').map(({ message }) => message)).toEqual([
      expect.stringMatching(
        /^the context file `.*` is not read: (it|a segment) .*; the prompt goes without it$/,
      ),
    ]);
  },
);

test('a context file that is too long is cut in the middle by whole lines, and the cut is told', async () => {
  const lines = Array.from({ length: 40_000 }, (_, index) => `line ${index}\n`).join('');
  const { prompt } = await gather('file: a.log', { files: { 'a.log': lines } });
  expect(Buffer.byteLength(prompt)).toBeLessThan(limits.contextBytesMax + 1_000);
  expect(prompt).toContain('\nline 0\nline 1\n');
  expect(prompt).toContain('\nline 39998\nline 39999\n');
  const cut = prompt.match(/line (\d+)\n\[\.\.\. (\d+) lines \(\d+ bytes\) left out \.\.\.\]\nline (\d+)\n/);
  expect(Number(cut?.[3]) - Number(cut?.[1]) - 1).toBe(Number(cut?.[2]));
});

test('a context file that is no text for a prompt is a notice', async () => {
  const { notices } = await gather('file: a.bin', {}, (dir) =>
    writeFileSync(join(dir, 'a.bin'), Buffer.alloc(limits.textFileBytesMax + 1)),
  );
  expect(notices).toEqual([
    'the context file `a.bin` is not read: it is larger than 4 MiB; the prompt goes without it',
  ]);
});

test('a link out of the tree is not followed, one inside is', async () => {
  const outside = await gather('file: a.md', {}, (dir) => {
    writeFileSync(join(dir, '..', 'secret.txt'), 'TOP');
    symlinkSync('../secret.txt', join(dir, 'a.md'));
  });
  expect(outside.prompt).not.toContain('TOP');
  expect(outside.notices).toHaveLength(1);
  const inside = await gather('file: a.md', {}, (dir) => {
    writeFileSync(join(dir, 'b.md'), 'fine');
    symlinkSync('b.md', join(dir, 'a.md'));
  });
  expect(inside.prompt).toContain('fine');
});

test.each([
  ['a folder', (dir: string) => mkdirSync(join(dir, 'a.md'))],
  ['a pipe that nobody writes', (dir: string) => execFileSync('mkfifo', [join(dir, 'a.md')])],
] as const)('%s in place of a context file is a notice', { timeout: 5000 }, async (_, make) => {
  expect((await gather('file: a.md', {}, (dir) => make(dir))).notices).toHaveLength(1);
});

test('values in a context command are quoted for the shell', async () => {
  const commands: string[] = [];
  const shell: Shell = async (command) => {
    commands.push(command);
    return { ok: true, stdout: 'out', reason: '' };
  };
  const { prompt } = await gather('bash: grep {spec} .', { shell });
  expect(commands).toEqual([`grep 'it'\\''s $(touch pwned)' .`]);
  expect(prompt).toContain('out');
});

test('a context command that fails is a notice', async () => {
  const shell: Shell = async () => ({ ok: false, stdout: '', reason: 'exit code 3' });
  const { notices } = await gather('bash: false', { shell });
  expect(notices).toEqual(['context command failed: false: exit code 3']);
});
