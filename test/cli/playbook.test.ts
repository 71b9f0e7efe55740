import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, openDesk } from './command.ts';
import { checkValidator, smallWorkflow, writeFiles } from './project.ts';

const shipped = join(import.meta.dirname, '../../workflows');
let desk: Desk;
let dir: string;
beforeAll(async () => {
  desk = await openDesk();
  dir = join(desk.dir, 'project');
  await writeFiles(dir, {
    'gump.toml': '',
    '.gump/workflows/tdd.yaml': `# yaml-language-server: $schema=x\n\n# tdd: our own way. It has a second sentence.\n${smallWorkflow}`,
    '.gump/workflows/plain.yml': smallWorkflow,
    '.gump/workflows/broken.yaml': 'name: broken\nstpes: []\n',
    '.gump/validators/check.yaml': checkValidator,
    '.gump/workflows/evil.yaml': '# evil: \x1b[2Jboo\u202e.\nname: evil\n',
  });
  await writeFiles(desk.home, {
    '.gump/workflows/tdd.yaml': smallWorkflow,
    '.gump/workflows/mine.yaml': `# Mine, without its name in front!\n${smallWorkflow}`,
  });
});
afterAll(() => desk.remove());

interface Entry {
  readonly name: string;
  readonly owner: string;
  readonly file: string;
  readonly description: string;
  readonly hides: readonly string[];
}

const entries = async (cwd: string): Promise<Entry[]> =>
  JSON.parse((await desk.gump(['playbook', 'list', '--json'], { cwd })).stdout);

test.concurrent('of one name the project’s file wins over the user’s, and that over what ships; the others are told', async () => {
  const all = await entries(dir);
  expect(all.find(({ name }) => name === 'tdd')).toMatchObject({
    owner: 'project',
    file: '.gump/workflows/tdd.yaml',
    description: 'our own way.',
    hides: ['~/.gump/workflows/tdd.yaml', 'workflows/tdd.yaml'],
  });
  expect(all.find(({ name }) => name === 'mine')).toMatchObject({
    owner: 'user',
    description: 'Mine, without its name in front!',
  });
  expect(all.find(({ name }) => name === 'plain')).toMatchObject({
    file: '.gump/workflows/plain.yml',
    description: 'make',
  });
  expect(all.find(({ name }) => name === 'broken')?.description).toContain(
    'not valid: gump validate .gump/workflows/broken.yaml',
  );
  expect(all.find(({ name }) => name === 'validators/check')).toMatchObject({
    owner: 'project',
    description: 'look',
  });
});

test.concurrent('outside of a project there is what the user has and what ships, each with a description of its own', async () => {
  const all = await entries(desk.dir);
  expect(all.some(({ owner }) => owner === 'project')).toBe(false);
  const ours = all.filter(({ owner }) => owner === 'shipped');
  expect(ours.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['implement-spec', 'validators/arch-review']),
  );
  expect(new Set(ours.map(({ description }) => description)).size).toBe(ours.length);
  for (const { description } of ours) expect(description).toMatch(/^.{20,160}[.?]$/);
});

test.concurrent('the list is one line each, and no file can steer the terminal', async () => {
  const { code, stdout } = await desk.gump(['playbook'], { cwd: dir });
  expect(code).toBe(0);
  expect(stdout).toMatch(
    /^tdd +project +our own way\. \(in place of ~\/\.gump\/workflows\/tdd\.yaml, workflows\/tdd\.yaml\)$/m,
  );
  expect(stdout).not.toMatch(/[\x1b\u202e]/);
  expect(stdout.trimEnd().split('\n')).toHaveLength((await entries(dir)).length);
});

test.concurrent('show prints the very file that would run, --path where it is', async () => {
  const { stdout } = await desk.gump(['playbook', 'show', 'simple'], { cwd: dir });
  expect(stdout).toBe(await readFile(join(shipped, 'simple.yaml'), 'utf8'));
  for (const name of ['validators/arch-review', 'arch-review']) {
    const { stdout: path } = await desk.gump(['playbook', 'show', name, '--path'], { cwd: dir });
    expect(path).toBe(`${join(shipped, 'validators/arch-review.yaml')}\n`);
  }
  const json = await desk.gump(['playbook', 'show', 'tdd', '--json'], { cwd: dir });
  expect(JSON.parse(json.stdout)).toMatchObject({
    owner: 'project',
    text: expect.stringContaining('name: small'),
  });
});

test.concurrent.each(['../../etc/passwd', 'tddd', '/etc/passwd', 'a\nb', ''])(
  'there is no %j',
  async (name) => {
    const { code, stdout, stderr } = await desk.gump(['playbook', 'show', name], { cwd: dir });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('there is no workflow or validator');
    if (name === 'tddd') expect(stderr).toContain('did you mean tdd?');
  },
);
