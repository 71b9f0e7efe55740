/** Launches a program as if it were an agent CLI. */
import type { Cli } from '../../src/agents/cli.ts';
import { createCliAgent } from '../../src/agents/cli-adapter.ts';
import type { AgentEnd, AgentEvent, AgentOrder } from '../../src/ports/agent.ts';

export interface Launch {
  readonly cli: Cli;
  /** Absolute. */
  readonly program: string;
  /** Tree, scratch folder and home in one. */
  readonly dir: string;
  readonly more?: Partial<AgentOrder>;
}

export async function launchCli({ cli, program, dir, more }: Launch): Promise<{
  readonly end: AgentEnd;
  /** At most the first ten thousand. */
  readonly events: readonly AgentEvent[];
}> {
  const events: AgentEvent[] = [];
  const agent = createCliAgent({
    cli,
    program,
    env: { PATH: process.env.PATH ?? '' },
    home: dir,
    model: null,
    counted: new Map(),
    priceOf: ({ input, output }) => (input + output) / 1_000,
    sandbox: null,
  });
  const order: AgentOrder = {
    agent: cli.family,
    step: 'build',
    attempt: 1,
    stepKind: 'code',
    session: { mode: 'new' },
    prompt: 'do it',
    promptAnew: 'do it',
    cwd: dir,
    access: 'read-write',
    scratch: dir,
    resultFile: `${dir}/result.json`,
    signal: new AbortController().signal,
    ...more,
  };
  const end = await agent.launch(order, (event) => {
    if (events.length < 10_000) events.push(event);
  });
  return { end, events };
}
