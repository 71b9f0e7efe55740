/** Starts the scripted agent's program as a process of its own. */
import { runScriptedAgent } from '../../src/agents/scripted-program.ts';

process.exitCode = await runScriptedAgent(process.stdin, process.stdout);
