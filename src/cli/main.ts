#!/usr/bin/env node
/** `gump`: the command line host; as `scripted-agent` the same file plays the scripted agent, and loads nothing else. */
if (process.argv[2] === 'scripted-agent') {
  const { runScriptedAgent } = await import('../agents/scripted-program.ts');
  process.exitCode = await runScriptedAgent(process.stdin, process.stdout);
} else {
  // A reader that goes away (`| head`) is no reason for a run to end, and neither is a disk that is full.
  process.stderr.on('error', () => undefined);
  let unwritten: string | null = null;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') unwritten = error.message;
  });
  process.on('exit', () => {
    if (unwritten === null) return;
    process.stderr.write(`error: the output is not complete, for it could not be written: ${unwritten}\n`);
    // R6: what a run came to is not what its trace came to.
    if (process.argv[2] !== 'run') process.exitCode ||= 1;
  });
  const { runCommandLine } = await import('./command-line.ts');
  process.exitCode = await runCommandLine(process.argv);
}
