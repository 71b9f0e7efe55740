#!/usr/bin/env node
/** `gump`: the command line host; as `scripted-agent` the same file plays the scripted agent, and loads nothing else. */
if (process.argv[2] === 'scripted-agent') {
  const { runScriptedAgent } = await import('../agents/scripted-program.ts');
  process.exitCode = await runScriptedAgent(process.stdin, process.stdout);
} else {
  // A reader that goes away (`| head`) is no reason for a run to end.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const { runCommandLine } = await import('./command-line.ts');
  process.exitCode = await runCommandLine(process.argv);
}
