import { expect, test } from 'vitest';
import { protectedOnGithub, refusalOf, shownPaths } from '../../src/engine/protected.ts';
import { planOf } from './given.ts';

const { settings } = planOf('  - {name: do, type: code, prompt: p, agent: claude}');
const refuses = refusalOf({ ...settings, protected: protectedOnGithub }, null);

const kept = [
  '.github/workflows/ci.yml',
  '.github/workflows',
  '.github',
  '.github/actions/build/action.yml',
  '.gump/validators/review.yaml',
  '.gump',
  'gump.toml',
  'CODEOWNERS',
  '.github/CODEOWNERS',
  'docs/CODEOWNERS',
  'GUMP.TOML',
  '.GitHub/Workflows/ci.yml',
  '.gump./workflows/a.yaml',
  'gump.toml ',
  'gump.toml::$DATA',
  '.gu\u200cmp/workflows/a.yaml',
  '\uff0egump/workflows/a.yaml',
];
test.each(kept)('%j is protected', (path) => expect(refuses?.(path)).toBe(true));

const free = [
  'src/gump.toml',
  '.github/ISSUE_TEMPLATE/bug.yml',
  'docs/a.md',
  'workflows/ci.yml',
  '.gumption',
  'codeowners.md',
];
test.each(free)('%j is not', (path) => expect(refuses?.(path)).toBe(false));

test('where a run has no such list, nothing is asked', () => expect(refusalOf(settings, null)).toBeNull());

test('a sentence names ten of them, and nothing that is not printable', () => {
  const paths = Array.from({ length: 12 }, (_, at) => `.gump/\n@all${at}`);
  expect(shownPaths(paths)).toMatch(/^\.gump\/\?@all0, .*\.gump\/\?@all9 and 2 more$/);
});
