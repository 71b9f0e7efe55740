import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { claude } from '../../src/agents/claude.ts';
import { createCliAgent } from '../../src/agents/cli-adapter.ts';
import { clis } from '../../src/agents/clis.ts';
import { createHomes } from '../../src/agents/homes.ts';
import type { AgentOrder } from '../../src/ports/agent.ts';

let top: string;
beforeEach(() => {
  top = mkdtempSync(join(tmpdir(), 'gump-homes-'));
});
afterEach(() => rmSync(top, { recursive: true, force: true }));

const anew = { mode: 'new' } as const;
const held = { mode: 'resume', id: 'the session' } as const;
function lay(home: string, files: Readonly<Record<string, string>>) {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
}
const filesIn = (home: string) =>
  readdirSync(home, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => join(entry.parentPath, entry.name).slice(home.length + 1))
    .sort();

/** What a coder could plant, and the record of its conversation, for each program. */
const written: Readonly<
  Record<string, { readonly planted: readonly string[]; readonly records: readonly string[] }>
> = {
  claude: {
    planted: [
      '.claude/settings.json',
      '.claude/CLAUDE.md',
      '.claude/projects/-repo/memory/MEMORY.md',
      '.claude.json',
    ],
    records: ['.claude/projects/-repo/0a1b.jsonl'],
  },
  codex: {
    planted: ['.codex/config.toml', '.codex/AGENTS.md', '.codex/hooks.json'],
    records: ['.codex/sessions/2026/11/26/rollout-0a1b.jsonl'],
  },
  gemini: {
    planted: ['.gemini/settings.json', '.gemini/GEMINI.md', '.gemini/extensions/x/gemini-extension.json'],
    records: [
      '.gemini/tmp/repo/chats/session-0a1b.json',
      '.gemini/tmp/repo/.project_root',
      '.gemini/projects.json',
    ],
  },
  qwen: {
    planted: ['.qwen/settings.json', '.qwen/QWEN.md'],
    records: ['.qwen/projects/-repo/chats/0a1b.jsonl'],
  },
  opencode: {
    planted: [
      '.config/opencode/opencode.json',
      '.config/opencode/plugin/x.js',
      '.local/share/opencode/auth.json',
    ],
    records: ['.local/share/opencode/opencode.db', '.local/share/opencode/storage/session/0a1b.json'],
  },
  copilot: {
    planted: ['.copilot/mcp-config.json', '.copilot/config.json', '.copilot/hooks/x.json'],
    records: ['.copilot/session-state/0a1b/events.jsonl'],
  },
  pi: {
    planted: ['.pi/agent/models.json', '.pi/agent/AGENTS.md'],
    records: ['.pi/agent/sessions/-repo/x_0a1b.jsonl'],
  },
};

describe.each(clis.filter(({ family }) => family !== 'cursor').map((cli) => [cli.family, cli] as const))(
  'homes of %s',
  (family, { conversations }) => {
    const { planted, records } = written[family] ?? { planted: [], records: [] };
    const all = Object.fromEntries([...planted, ...records].map((path) => [path, `${path}\n`]));

    it('who may write finds its own again, and the conversation that a judge has held', async () => {
      const homes = createHomes(join(top, family), conversations);
      const coder = await homes.open({ access: 'read-write', session: anew });
      lay(coder, all);
      expect(await homes.open({ access: 'read-write', session: anew })).toBe(coder);
      const judge = await homes.open({ access: 'read-only', session: anew });
      lay(judge, { [records[0] ?? '']: 'said by the judge' });
      await homes.keep(held.id, { home: judge, cwd: '/tree' });
      expect(await homes.open({ access: 'read-write', session: held })).toBe(coder);
      expect(readFileSync(join(coder, records[0] ?? ''), 'utf8')).toBe('said by the judge');
    });

    it.each(['read-only', 'none'] as const)(
      'who may not (%s) has a new one each time, with nothing of a coder in it',
      async (access) => {
        const homes = createHomes(join(top, family), conversations);
        lay(await homes.open({ access: 'read-write', session: anew }), all);
        const first = await homes.open({ access, session: anew });
        const second = await homes.open({ access, session: anew });
        expect(first).not.toBe(second);
        expect([...filesIn(first), ...filesIn(second)]).toEqual([]);
      },
    );

    it('goes on in a conversation of a coder with its record alone, also in another engine', async () => {
      const homes = createHomes(join(top, family), conversations);
      const coder = await homes.open({ access: 'read-write', session: anew });
      lay(coder, all);
      await homes.keep(held.id, { home: coder, cwd: '/tree' });
      const judge = await createHomes(join(top, family), conversations).open({
        access: 'read-only',
        session: held,
      });
      expect(filesIn(judge)).toEqual([...records].sort());
    });
  },
);

it('follows no link that a coder has put into its records', async () => {
  const homes = createHomes(join(top, 'claude'), claude.conversations);
  const coder = await homes.open({ access: 'read-write', session: anew });
  lay(top, { 'outside/secret.jsonl': 'secret' });
  mkdirSync(join(coder, '.claude/projects/-repo'), { recursive: true });
  symlinkSync(join(top, 'outside'), join(coder, '.claude/projects/-linked'));
  symlinkSync(join(top, 'outside/secret.jsonl'), join(coder, '.claude/projects/-repo/0a.jsonl'));
  await homes.keep(held.id, { home: coder, cwd: '/tree' });
  expect(filesIn(await homes.open({ access: 'read-only', session: held }))).toEqual([]);
});

it("a judge's program is started in a home of its own and finds its conversation again", async () => {
  const program = join(top, 'program');
  const fixture = join(import.meta.dirname, '../fixtures/agents/claude/write.ndjson');
  const script = `find "$CLAUDE_CONFIG_DIR" -type f 2>/dev/null | sed "s,.*/agents/,," > seen
mkdir -p "$CLAUDE_CONFIG_DIR/projects/-repo"
echo '{}' > "$CLAUDE_CONFIG_DIR/projects/-repo/one.jsonl"
echo '{"hooks":{}}' > "$CLAUDE_CONFIG_DIR/settings.json"
cat ${fixture}`;
  writeFileSync(program, `#!/bin/sh\n${script}\n`, { mode: 0o700 });
  const agent = createCliAgent({
    ...{ cli: claude, program, env: { PATH: process.env.PATH ?? '' }, home: join(top, 'agents/claude') },
    ...{ model: null, priceOf: () => null, counted: new Map(), sandbox: null },
  });
  async function seen(access: AgentOrder['access'], session: AgentOrder['session']) {
    const end = await agent.launch(
      {
        ...{ agent: 'claude', step: 'do', attempt: 1, stepKind: 'code', session, access },
        ...{ prompt: 'p', promptAnew: 'p', cwd: top, scratch: top, resultFile: join(top, 'r.json') },
        models: { url: () => 'http://127.0.0.1:9', token: 't' },
        signal: new AbortController().signal,
      },
      () => undefined,
    );
    expect(end.outcome).toBe('ok');
    const found = readFileSync(join(top, 'seen'), 'utf8')
      .split('\n')
      .filter((line) => line !== '');
    return { id: end.sessionId ?? '', found: found.map((path) => path.replace(/^claude-?\w*\//, '')).sort() };
  }
  const coder = await seen('read-write', anew);
  expect(coder.found).toEqual([]);
  expect((await seen('read-only', anew)).found).toEqual([]);
  const resumed = await seen('read-only', { mode: 'resume', id: coder.id });
  expect(resumed.found).toEqual(['.claude/projects/-repo/one.jsonl']);
  expect(existsSync(join(top, 'agents/claude/.claude/settings.json'))).toBe(true);
});
