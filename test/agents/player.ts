/** A recorded run of a real CLI as a program: a real process that prints its lines and ends as it did. */
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Cli } from '../../src/agents/cli.ts';
import { createCliAgent } from '../../src/agents/cli-adapter.ts';
import type { AgentAdapter } from '../../src/ports/agent.ts';
import { recorded } from './transcripts.ts';

export interface Play {
  readonly cli: Cli;
  /** What it plays when it is to begin anew … */
  readonly scenario: string;
  /** … and when it is to continue a session; absent: the same. */
  readonly resumed?: string;
  /** Seconds between two lines; absent: none. */
  readonly pauseS?: number;
}

export interface Player {
  readonly adapter: AgentAdapter;
  readonly program: string;
  /** What it was told on standard input, launch by launch. */
  told(): readonly string[];
  /** How many lines it has printed in all; its `/repo` is the folder that it works in. */
  printed(): number;
  close(): void;
}

export function startPlayer({ cli, scenario, resumed = scenario, pauseS }: Play): Player {
  const dir = mkdtempSync(join(tmpdir(), 'gump-player-'));
  const program = join(dir, 'program');
  const folder = join(import.meta.dirname, '../fixtures/agents', cli.family);
  const end = '\u0004';
  const [told, printed] = [join(dir, 'told'), join(dir, 'printed')];
  const line = pauseS === undefined ? '' : `sleep ${pauseS}; `;
  writeFileSync(told, '');
  writeFileSync(printed, '');
  writeFileSync(
    program,
    `#!/bin/sh
cat >> ${told}; printf '${end}' >> ${told}
play() {
  sed "s,/repo,$PWD,g" "${folder}/$1.ndjson" > ${dir}/lines
  while IFS= read -r line || [ -n "$line" ]; do printf '%s\\n' "$line"; echo >> ${printed}; ${line}done < ${dir}/lines
  cat "${folder}/$1.stderr.txt" >&2
  exit "$2"
}
case " $* " in *resume*|*' -s '*|*' --session '*) play ${resumed} ${codeOf(cli, resumed)};; esac
play ${scenario} ${codeOf(cli, scenario)}
`,
  );
  chmodSync(program, 0o700);
  return {
    program,
    adapter: createCliAgent({
      cli,
      program,
      env: { PATH: process.env.PATH ?? '' },
      home: join(dir, 'home'),
      model: null,
      counted: new Map(),
      // A dollar for a thousand tokens.
      priceOf: ({ input, output }) => (input + output) / 1000,
      sandbox: null,
    }),
    told: () => readFileSync(told, 'utf8').split(end).slice(0, -1),
    printed: () => readFileSync(printed, 'utf8').length,
    close: () => rmSync(dir, { recursive: true, force: true }),
  };
}

function codeOf({ family }: Cli, scenario: string): number {
  return recorded(family, scenario).exitCode ?? 1;
}
