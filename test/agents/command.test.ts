import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCommandAgent } from '../../src/agents/command.ts';
import { createAgentRegistry } from '../../src/agents/registry.ts';
import type { AgentConfig } from '../../src/config/config.ts';
import { limits } from '../../src/limits.ts';
import type { AgentEvent, AgentOrder } from '../../src/ports/agent.ts';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(path.join(tmpdir(), 'gump-command-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

interface Case {
  readonly shell: string;
  readonly config?: AgentConfig;
  readonly source?: Record<string, string>;
  readonly order?: Partial<AgentOrder>;
  readonly onEvent?: (event: AgentEvent) => void;
}

function run({ shell, config = {}, source = {}, order = {}, onEvent = () => undefined }: Case) {
  const command = ['sh', '-c', shell];
  const env = { PATH: process.env.PATH ?? '' };
  const agent = createCommandAgent({ name: 'mine', config: { ...config, command }, env, source });
  return agent.launch(
    {
      ...{ agent: 'mine', step: 'build/a', attempt: 2, stepKind: 'code', session: { mode: 'new' } },
      ...{
        prompt: 'do it',
        promptAnew: 'do it',
        cwd: dir,
        access: 'read-write',
        scratch: dir,
        resultFile: `${dir}/r.json`,
      },
      signal: new AbortController().signal,
      ...order,
    },
    onEvent,
  );
}

describe('a command of one’s own', () => {
  test('reads the prompt from standard input, byte for byte', async () => {
    const prompt = 'Grüße {spec}\r\n\0 $(id) "quoted"\n';
    await run({ shell: 'cat > prompt.txt', order: { prompt } });
    expect(await readFile(path.join(dir, 'prompt.txt'), 'utf8')).toBe(prompt);
  });

  test('may end without reading it', async () => {
    const end = await run({ shell: 'echo done', order: { prompt: 'x'.repeat(5_000_000) } });
    expect(end).toMatchObject({ outcome: 'ok', output: 'done' });
  });

  test('gets the variables that it is given by name, and no other of ours', async () => {
    const source = { KEY: 'k', SECRET_TOKEN: 's', PATH: 'elsewhere' };
    const { output } = await run({ shell: 'env | sort', config: { env: ['KEY', 'ABSENT'] }, source });
    expect(output).toContain('KEY=k');
    expect(output).not.toMatch(/SECRET|ABSENT|elsewhere/);
  });

  test('finds out what it is asked to do, and for whom', async () => {
    const { output } = await run({
      shell: 'echo "$GUMP_AGENT $GUMP_MODEL $GUMP_STEP $GUMP_ATTEMPT $GUMP_ACCESS $GUMP_RESULT_FILE"',
      order: { agent: 'mine-big-one', access: 'read-only' },
    });
    expect(output).toBe(`mine-big-one big-one build/a 2 read-only ${dir}/r.json`);
  });

  test('is told the model of its table before that of its name, and none where none is named', async () => {
    const shell = 'echo "[$' + '{GUMP_MODEL-none}]"';
    expect((await run({ shell })).output).toBe('[none]');
    expect((await run({ shell, config: { model: 'small' }, order: { agent: 'mine-big' } })).output).toBe(
      '[small]',
    );
  });

  test('is never known to cost nothing, not even while it runs', async () => {
    const events: string[] = [];
    const { usage } = await run({ shell: 'echo done', onEvent: ({ type }) => void events.push(type) });
    expect(events).toEqual(['turn', 'usage', 'text']);
    expect(usage).toEqual({ turns: 1, tokens_in: 0, tokens_out: 0, cost: 0, cost_unknown: true });
  });

  test('says why it failed by the end of its standard error, or of its answer where that says nothing', async () => {
    expect((await run({ shell: 'echo out; echo why >&2; exit 4' })).error).toBe(
      '`sh` ended with exit code 4: why',
    );
    expect((await run({ shell: 'echo because; exit 4' })).error).toBe('`sh` ended with exit code 4: because');
    expect((await run({ shell: 'exit 4' })).error).toBe('`sh` ended with exit code 4');
  });

  test('may print without end: what is kept has a limit', async () => {
    const end = await run({ shell: 'head -c 20000000 /dev/zero | tr "\\0" x' });
    expect(end.outcome).toBe('ok');
    expect(end.output.length).toBeLessThan(limits.resultBytesMax + 100);
  });
});

describe('the registry of agents, with a configuration', () => {
  const find = (own: Record<string, AgentConfig>, agent: string) =>
    createAgentRegistry({
      ...{ scripted: null, own, searchPath: dir },
      commandAgent: (name) => ({ launch: () => Promise.reject(new Error(name)) }),
    }).find(agent);

  test('finds a command by its name and by names that begin with it', async () => {
    await writeFile(path.join(dir, 'my-agent'), '#!/bin/sh\n', { mode: 0o755 });
    const own = { mine: { command: ['my-agent'] }, 'mine-too': { command: ['my-agent'] } };
    for (const [agent, name] of [
      ['mine', 'mine'],
      ['mine-big', 'mine'],
      ['mine-too-big', 'mine-too'],
    ] as const) {
      const found = find(own, agent);
      if ('problem' in found) throw new Error(found.problem);
      await expect(found.launch({} as AgentOrder, () => undefined)).rejects.toThrow(name);
    }
  });

  test('says in one sentence that its program is missing', () => {
    expect(find({ mine: { command: ['my-agent', '-x'] } }, 'mine')).toEqual({
      problem: 'no agent can be launched as mine: its program `my-agent` is not on PATH',
      hint: expect.stringContaining('[agents.mine]'),
    });
    expect(find({ mine: { command: ['/nowhere/x'] } }, 'mine')).toMatchObject({
      problem: 'no agent can be launched as mine: its program `/nowhere/x` is not there',
    });
  });

  test('says of an agent that speaks ACP when its program is not there', () => {
    expect(find({ kimi: { acp: 'kimi-that-is-nowhere --acp' } }, 'kimi')).toMatchObject({
      problem: expect.stringContaining('its program `kimi-that-is-nowhere` is not on PATH'),
      hint: expect.stringContaining('mend `acp` in [agents.kimi]'),
    });
  });

  test('launches an agent that speaks ACP by its words, without a shell', () => {
    const seen: (readonly string[])[] = [];
    const acpAgent = (_name: string, command: readonly string[]) => {
      seen.push(command);
      return { launch: () => Promise.reject(new Error('not launched here')) };
    };
    const own = { kimi: { acp: `${process.execPath}  --acp $(x) ;y` } };
    expect(createAgentRegistry({ scripted: null, own, acpAgent }).find('kimi')).toHaveProperty('launch');
    expect(seen).toEqual([[process.execPath, '--acp', '$(x)', ';y']]);
  });

  test('takes another name of a CLI for that CLI', () => {
    const own = { fast: { family: 'claude', model: 'haiku' } };
    expect(find(own, 'fast')).toMatchObject({ problem: expect.stringContaining('its program `claude`') });
    expect(createAgentRegistry({ scripted: null, own }).family('fast')).toBe('claude');
    expect(createAgentRegistry({ scripted: null, own: { mine: { command: ['a'] } } }).family('mine-x')).toBe(
      'mine',
    );
  });

  test('knows nothing of `constructor` and `__proto__`', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(find({}, name)).toMatchObject({ problem: expect.stringContaining('is not known') });
    }
  });
});
