import { mkdirSync, mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { limits } from '../../src/limits.ts';
import {
  findWorkflow,
  libraryIn,
  openWorkflowFile,
  type PlaybookFolders,
  workflowNames,
} from '../../src/playbook/source.ts';

let root = '';
let folders: PlaybookFolders = { project: null, user: null };
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'gump-playbook-'));
  folders = { project: join(root, 'project', '.gump'), user: join(root, 'user', '.gump') };
  put('secret.yaml', 'name: secret');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function put(path: string, text: string): void {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
}

test('what ships is found without any folder', () => {
  expect(findWorkflow({ project: null, user: null }, 'implement-spec')?.file).toBe(
    'workflows/implement-spec.yaml',
  );
  expect(findWorkflow({ project: null, user: null }, 'validators/arch-review')?.file).toBe(
    'workflows/validators/arch-review.yaml',
  );
});

test("the project's comes before the user's, and that before what ships", () => {
  put('user/.gump/workflows/simple.yaml', 'name: user');
  expect(findWorkflow(folders, 'simple')?.text).toBe('name: user');
  put('project/.gump/workflows/simple.yaml', 'name: project');
  expect(findWorkflow(folders, 'simple')?.text).toBe('name: project');
  expect(findWorkflow({ project: null, user: null }, 'simple')?.text).toContain('name: simple');
});

test('both endings are found, folders below too', () => {
  put('project/.gump/workflows/team/a.yml', 'name: a');
  expect(findWorkflow(folders, 'team/a')?.text).toBe('name: a');
});

test('validators have a folder of their own, where only paths with that word in front are looked for', () => {
  put('project/.gump/validators/mine.yaml', 'name: mine');
  put('project/.gump/workflows/validators/hidden.yaml', 'name: hidden');
  expect(findWorkflow(folders, 'validators/mine')?.text).toBe('name: mine');
  expect(findWorkflow(folders, 'validators/mine.yaml')?.text).toBe('name: mine');
  expect(findWorkflow(folders, 'mine')).toBeNull();
  expect(findWorkflow(folders, 'validators/hidden')).toBeNull();
});

test('a workflow is found with and without its folder in front, as it is written first', () => {
  put('project/.gump/workflows/setup.yaml', 'name: setup');
  put('project/.gump/workflows/workflows/deep.yaml', 'name: deep');
  put('project/.gump/workflows/deep.yaml', 'name: flat');
  expect(findWorkflow(folders, 'workflows/setup')?.text).toBe('name: setup');
  expect(findWorkflow(folders, 'setup.yaml')?.text).toBe('name: setup');
  expect(findWorkflow(folders, 'workflows/deep')?.text).toBe('name: deep');
});

test('the library names all that can be called', () => {
  put('project/.gump/workflows/mine.yaml', 'name: mine');
  expect(libraryIn(folders).paths()).toEqual(
    expect.arrayContaining(['mine', 'implement-spec', 'validators/arch-review']),
  );
});

test.each([
  '../../secret',
  'team/../../../secret',
  '..',
  '.',
  '',
  '/etc/passwd',
  'a\0b',
  'a\0',
  '~/secret',
  '-x',
  '.hidden',
  'a b',
  'a\nb',
  'x'.repeat(300),
])('the name %j finds nothing', (name) => {
  put('project/.gump/workflows/team/a.yaml', 'name: a');
  expect(findWorkflow(folders, name)).toBeNull();
  expect(findWorkflow(folders, `validators/${name}`)).toBeNull();
});

test('an absolute path to an existing file finds nothing', () => {
  expect(findWorkflow(folders, join(root, 'secret'))).toBeNull();
});

test('a link out of the folder is not followed, be it the file or a folder above it', () => {
  put('project/.gump/workflows/a.yaml', 'name: a');
  symlinkSync(join(root, 'secret.yaml'), join(root, 'project/.gump/workflows/link.yaml'));
  symlinkSync(root, join(root, 'project/.gump/workflows/out'));
  expect(findWorkflow(folders, 'link')).toBeNull();
  expect(findWorkflow(folders, 'out/secret')).toBeNull();
});

test('a link within the folder is followed', () => {
  put('project/.gump/workflows/a.yaml', 'name: a');
  symlinkSync('a.yaml', join(root, 'project/.gump/workflows/b.yaml'));
  expect(findWorkflow(folders, 'b')?.text).toBe('name: a');
});

test('a folder with the name of a workflow is none', () => {
  mkdirSync(join(root, 'project/.gump/workflows/a.yaml'), { recursive: true });
  expect(findWorkflow(folders, 'a')).toBeNull();
  expect(workflowNames(folders)).not.toContain('a');
});

test('prompt files are read beside the workflow and never outside of its folder', () => {
  put('project/.gump/workflows/a.yaml', 'name: a');
  put('project/.gump/workflows/prompts/p.md', 'prompt');
  put('project/outside.md', 'TOP');
  symlinkSync('../../outside.md', join(root, 'project/.gump/workflows/link.md'));
  const found = findWorkflow(folders, 'a');
  expect(found?.readPrompt('prompts/p.md')).toBe('prompt');
  for (const path of [
    '../../outside.md',
    'link.md',
    'prompts',
    'nothing.md',
    'a\0.md',
    '',
    '.',
    join(root, 'secret.yaml'),
  ])
    expect(found?.readPrompt(path)).toBeNull();
});

test('the names of workflows are told once, sorted, without validators', () => {
  put('project/.gump/workflows/simple.yaml', 'name: simple');
  put('project/.gump/workflows/own.yml', 'name: own');
  put('project/.gump/workflows/readme.md', '');
  const names = workflowNames(folders);
  expect(names).toEqual([...new Set(names)].sort());
  expect(names).toEqual(expect.arrayContaining(['implement-spec', 'own', 'simple']));
  expect(names).not.toContain('readme');
});

test('a file in place of a folder holds no workflows', () => {
  put('project/.gump/workflows', 'not a folder');
  expect(workflowNames(folders)).toContain('simple');
  expect(findWorkflow(folders, 'simple')?.text).toContain('name: simple');
});

test('a workflow by its path is opened, and is null where there is none', () => {
  expect(openWorkflowFile(join(root, 'secret.yaml'))?.text).toBe('name: secret');
  expect(openWorkflowFile(join(root, 'nothing.yaml'))).toBeNull();
  expect(openWorkflowFile(root)).toBeNull();
});

test('a file that is larger than any workflow is read no further than its refusal needs', () => {
  put('project/.gump/workflows/huge.yaml', 'x'.repeat(3 * 1024 * 1024));
  expect(findWorkflow(folders, 'huge')?.text.length).toBe(1024 * 1024 + 1);
});

test('of a file that is longer than any workflow, only what shows that is read', () => {
  put('project/.gump/workflows/long.yaml', 'name: long\n');
  truncateSync(join(root, 'project/.gump/workflows/long.yaml'), 8 * 1024 ** 3);
  expect(findWorkflow(folders, 'long')?.text).toHaveLength(limits.workflowBytesMax + 1);
});
