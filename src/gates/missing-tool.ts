/** Whether commands failed only because their tool is not installed. */
import { limits } from '../limits.ts';
import type { GateOrder } from '../ports/gate.ts';
import { type CommandEnd, runCommand } from './command.ts';
import { makefileNames } from './markers.ts';
import type { Measured } from './measure.ts';
import { type Command, join } from './project.ts';
import type { GateRunnerOptions } from './runner.ts';

/** A tool that a command asked for in vain, and a shell text that ends with 0 where it is there after all. */
interface Missing {
  readonly tool: string;
  readonly probe: string;
}

/**
 * Why nothing was measured, where every command that failed did so for want of its tool; else null. The output says it
 * first, but output can be written by anybody: the tool is looked for again.
 */
export async function missingTool(work: {
  readonly options: GateRunnerOptions;
  readonly order: GateOrder;
  readonly ends: Measured['ends'];
}): Promise<string | null> {
  const { options, order, ends } = work;
  const tools: string[] = [];
  for (const { command, end } of ends.filter((ended) => ended.end.ending === 'failed')) {
    const missing = await askedInVain(order, command, end);
    if (missing === null) return null;
    const { cwd, signal } = order;
    const probe = { ...command, texts: [{ text: missing.probe, env: {} }] };
    const timeoutMs = limits.probeTimeoutMs;
    const again = await runCommand({ ...options, command: probe, cwd, signal, timeoutMs });
    if (again.ending !== 'failed' || again.exitCode === null) return null;
    tools.push(`${end.cause}, its tool ${missing.tool} is not installed`);
  }
  return tools.length === 0 ? null : tools.join('; ');
}

/** The tool that was not there, where the command or a script or Makefile beside it names it. */
export async function askedInVain(
  order: GateOrder,
  command: Command,
  end: CommandEnd,
): Promise<Missing | null> {
  for (const { said, probe } of signs) {
    const tool = said
      .exec(end.output)
      ?.slice(1)
      .find((name) => name !== undefined);
    if (tool === undefined || !/^[\w@/.+-]+$/.test(tool)) continue;
    const text = command.texts.map((script) => script.text).join('\n');
    const texts = text.includes(tool) ? text : await textsBeside(order, command);
    if (texts.includes(tool)) return { tool, probe: probe(tool, text) };
  }
  return null;
}

async function textsBeside({ readBase }: GateOrder, { folder }: Command): Promise<string> {
  const names = ['package.json', ...makefileNames];
  const texts = await Promise.all(names.map((name) => readBase(join(folder, name))));
  return texts.join('\n');
}

const signs: readonly {
  /** With the tool's name in its first group that took part. */
  readonly said: RegExp;
  readonly probe: (tool: string, text: string) => string;
}[] = [
  // "not found" of dash, bash and busybox (exit code 127: POSIX.1-2024, 2.8.2), and of make
  {
    said: /^(?:\S*sh: )?(?:line )?(?:\d+: )?(\S+): (?:command )?not found$|^make(?:\[\d+\])?: (\S+): No such file or directory$/m,
    probe: (tool) => `command -v -- ${tool}`,
  },
  { said: /^\S*python[\d.]*: No module named (\w+)/m, probe: importing },
  // @source pytest 7.2 without pytest-cov, 2026-11
  {
    said: /^\S*: error: unrecognized arguments: .*--(cov)\b/m,
    probe: (_tool, text) => importing('pytest_cov', text),
  },
  // @source cargo 1.90, 2026-11
  {
    said: /no such command: `(clippy|llvm-cov|tarpaulin)`|'cargo-(clippy)(?:\.exe)?' is not installed/,
    probe: (tool) => `cargo ${tool} --version`,
  },
  // @source poetry 1.8, uv 0.5 (2026-11)
  { said: /^Command not found: (\S+)$/m, probe: (tool) => `poetry run ${tool} --version` },
  { said: /^error: Failed to spawn: `(\S+)`$/m, probe: (tool) => `uv run ${tool} --version` },
];

/** With the interpreter of the command: `uv run python -m flake8` → `uv run python -c 'import flake8'`. */
function importing(module: string, text: string): string {
  const interpreter = /^(.*?\bpython[\d.]*) -m /.exec(text)?.[1] ?? 'python3';
  return `${interpreter} -c 'import ${module}'`;
}
