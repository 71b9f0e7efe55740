import path from 'node:path';
import { createCommandAgent } from '../../src/agents/command.ts';
import { parseAgentScript } from '../../src/agents/script.ts';
import { createScriptedAgent } from '../../src/agents/scripted-adapter.ts';
import { agentContract, type Behaviour } from '../contracts/agent.ts';

const env = { PATH: process.env.PATH ?? '' };

const rules: Record<Behaviour, string> = {
  works: '{step: "**", turns: [{say: done, write: {made.txt: made}}]}',
  fails: '{step: "**", exit: 3}',
  crashes: '{step: "**", exit: crash}',
  hangs: '{step: "**", turns: [{run: "(sleep 1; touch late.txt) & touch started"}], exit: hang}',
  missing: '{step: "**"}',
};

agentContract('the scripted agent', (behaviour) => {
  const { script, diagnostics } = parseAgentScript({ file: 's', text: `rules: [${rules[behaviour]}]` });
  if (!script) throw new Error(JSON.stringify(diagnostics));
  const program = [process.execPath, path.join(import.meta.dirname, 'scripted-agent.ts')];
  return createScriptedAgent({ script, env, self: behaviour === 'missing' ? ['/nowhere/agent'] : program });
});

const shell: Record<Exclude<Behaviour, 'missing'>, string> = {
  works: 'cat > /dev/null; echo made > made.txt; echo done',
  fails: 'echo no model >&2; exit 3',
  crashes: 'kill -9 $$',
  hangs: '(sleep 1; touch late.txt) & touch started; sleep 60',
};

agentContract('a command of one’s own', (behaviour) => {
  const command = behaviour === 'missing' ? ['/nowhere/agent'] : ['sh', '-c', shell[behaviour]];
  return createCommandAgent({ name: 'mine', config: { command }, env, source: {} });
});
