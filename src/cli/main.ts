#!/usr/bin/env node
/** `gump`: the command line host. */
import { runScriptedAgent, scriptedAgentWord } from '../index.ts';
import { runCommandLine } from './command-line.ts';

if (process.argv[2] === scriptedAgentWord) {
  process.exitCode = await runScriptedAgent(process.stdin, process.stdout);
} else {
  process.exitCode = await runCommandLine(process.argv);
}
