/** The Action's entry; as `scripted-agent` the same file plays the scripted agent. */
if (process.argv[2] === 'scripted-agent') {
  const { runScriptedAgent } = await import('../src/agents/scripted-program.ts');
  process.exitCode = await runScriptedAgent(process.stdin, process.stdout);
} else {
  const { runAction } = await import('./run.ts');
  await runAction();
}
