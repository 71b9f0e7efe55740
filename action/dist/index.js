import "./rolldown-runtime.js";

// action/main.ts
/** The Action's entry; as `scripted-agent` the same file plays the scripted agent. */
if (process.argv[2] === "scripted-agent") {
	const { runScriptedAgent } = await import("./scripted-program.js");
	process.exitCode = await runScriptedAgent(process.stdin, process.stdout);
} else {
	const { runAction } = await import("./run.js");
	await runAction();
}

export {  };