/** What the tools of a project leave behind while it is judged is in no commit, also where no rule ignores it. */
import { mkdirSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { only, planOf } from '../engine/given.ts';
import { languages } from '../gates/languages.ts';
import { createFixture, type Fixture } from '../git/repository.fixture.ts';
import { realRun } from './real-run.ts';

let user: Fixture;
beforeEach(() => {
  user = createFixture();
});
afterEach(() => user.remove());

const steps = `  - {name: first, type: code, prompt: p, agent: coder, gate: [compile, test, lint, {coverage: 1}]}
  - {name: second, type: code, prompt: p, agent: coder, gate: [test]}
`;

describe.each(languages.filter(({ isSlow }) => !isSlow))('a project of $name', (language) => {
  const notice = language.isThere ? '' : ' (skipped: its tool is not installed)';

  it.skipIf(!language.isThere).each([
    ['with rules for what its tools make', language.ignored],
    ['without any rule', []],
  ])(`has nothing of its tools in the commits, %s${notice}`, async (_which, rules) => {
    const files = {
      ...language.base,
      ...(rules.length > 0 ? { '.gitignore': `${rules.join('\n')}\n` } : {}),
    };
    for (const [file, text] of Object.entries(files)) user.write(file, text ?? '');
    const base = user.commit('base');
    mkdirSync(user.home, { recursive: true });
    const { state, events } = await realRun({
      user,
      plan: { ...planOf(steps), base },
      path: language.path ?? [],
      rules: JSON.stringify([
        { step: 'first', turns: [{ write: { 'one.txt': '1\n' } }] },
        { step: 'second', turns: [{ write: { 'two.txt': '2\n' } }] },
      ]),
    });
    expect([state.status, only(events, 'gate_failed')]).toEqual(['pass', []]);
    const last = only(events, 'agent_completed').at(-1)?.commit ?? '';
    const committed = user.git('ls-tree', '-r', '--name-only', last).split('\n').sort();
    expect(committed).toEqual([...Object.keys(files), 'one.txt', 'two.txt'].sort());
    expect(user.git('diff', '--name-only', base, last).split('\n').sort()).toEqual(['one.txt', 'two.txt']);
  });
});
