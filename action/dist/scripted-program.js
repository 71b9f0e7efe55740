import "./rolldown-runtime.js";
import { randomUUID } from "node:crypto";
import path from "node:path";
import { lstat, mkdir, realpath, unlink, writeFile } from "node:fs/promises";
import { spawn } from "node:child_process";
import { setTimeout } from "node:timers/promises";

// src/agents/scripted-program.ts
/**
* The scripted agent's own process: plays one rule in its working directory and prints a stream of JSON lines.
* Built-in modules only, so that it starts fast.
*/
/**
* Plays the rule that stands as JSON (`Play`) on `stdin`; the promise is the exit code to end with.
* `crash` kills the process in the middle of a line, `hang` never settles.
*/
async function runScriptedAgent(stdin, stdout) {
	const play = JSON.parse(await readAll(stdin));
	const stage = {
		play,
		root: await realpath(process.cwd()),
		say: printer(stdout)
	};
	await stage.say({
		type: "session",
		id: play.session ?? randomUUID()
	});
	const exit = play.rule.exit ?? 0;
	try {
		const lastText = await playTurns(stage);
		if (exit === "crash") await crash(stdout);
		if (exit === "hang") await new Promise(() => setInterval(() => {}, 1 << 30));
		if (exit === 0) await stage.say({
			type: "result",
			output: outputOf(play.rule, lastText)
		});
		return Number(exit);
	} catch (error) {
		await stage.say({
			type: "error",
			message: error instanceof Error ? error.message : String(error)
		});
		return 1;
	}
}
/** Plays every turn (a rule without turns has one that does nothing); the last text that was said. */
async function playTurns(stage) {
	const { turns = [] } = stage.play.rule;
	let usage = {
		turns: 0,
		tokens_in: 0,
		tokens_out: 0,
		cost: 0
	};
	let lastText = "";
	for (const [index, turn] of (turns.length > 0 ? turns : [{}]).entries()) {
		await stage.say({
			type: "turn",
			turn: index + 1
		});
		usage = spent(usage, turn);
		try {
			await playTurn(stage, turn);
		} finally {
			await stage.say({
				type: "usage",
				usage
			});
		}
		lastText = turn.say ?? lastText;
	}
	return lastText;
}
function spent(before, { usage = {} }) {
	return {
		turns: before.turns + 1,
		tokens_in: before.tokens_in + (usage.input_tokens ?? 0),
		tokens_out: before.tokens_out + (usage.output_tokens ?? 0),
		cost: before.cost + (usage.cost ?? 0)
	};
}
async function playTurn(stage, turn) {
	if (turn.sleep_ms) await setTimeout(turn.sleep_ms);
	if (turn.say !== void 0) await stage.say({
		type: "text",
		text: turn.say
	});
	for (const [target, content] of Object.entries(turn.write ?? {})) await change(stage, target, async (file) => {
		await mkdir(path.dirname(file), { recursive: true });
		await writeFile(file, content);
	});
	for (const target of turn.delete ?? []) await change(stage, target, unlink);
	if (turn.run !== void 0) await runCommand(stage, turn.run);
}
/** Changes one file of the working directory and says so. @throws where it may not or cannot. */
async function change(stage, target, act) {
	if (stage.play.access !== "read-write") {
		await stage.say({
			type: "write",
			path: target,
			denied: true
		});
		throw new Error(`${target} was not changed: this step may not write (its worktree is ${stage.play.access})`);
	}
	try {
		await act(await contained(stage.root, target));
	} catch (cause) {
		throw new Error(`${target} was not changed: ${cause.message}`, { cause });
	}
	await stage.say({
		type: "write",
		path: target,
		denied: false
	});
}
/** The file's path with the links of its folders resolved. @throws where it leaves `root` or is a link itself. */
async function contained(root, target) {
	const wanted = path.resolve(root, target);
	const folder = await resolvedFolder(path.dirname(wanted));
	const file = path.join(folder, path.basename(wanted));
	const isInside = file.startsWith(root.endsWith(path.sep) ? root : root + path.sep);
	if (wanted === root || !isInside) throw new Error("it is outside the working directory");
	if ((await lstat(file).catch(() => null))?.isSymbolicLink()) throw new Error("it is a symbolic link");
	return file;
}
/** Resolves the links of the part of the folder that exists. */
async function resolvedFolder(folder) {
	try {
		return await realpath(folder);
	} catch (error) {
		const parent = path.dirname(folder);
		if (!(error.code === "ENOENT" && await lstat(folder).catch(() => null) === null) || parent === folder) throw error;
		return path.join(await resolvedFolder(parent), path.basename(folder));
	}
}
async function runCommand(stage, command) {
	await stage.say({
		type: "tool",
		name: "run",
		detail: command
	});
	const child = spawn("sh", ["-c", command], {
		cwd: stage.root,
		stdio: [
			"ignore",
			"pipe",
			"pipe"
		]
	});
	let tail = "";
	for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (chunk) => {
		tail = (tail + chunk).slice(-tailCharactersMax);
	});
	const ending = await new Promise((resolve) => {
		child.on("error", (error) => resolve(`could not be started: ${error.message}`));
		child.on("close", (code, signal) => resolve(code === 0 ? null : `ended with ${signal ?? `exit code ${code}`}`));
	});
	if (ending) throw new Error(`the command \`${command}\` ${ending}\n${tail}`.trimEnd());
}
/** Of a failing command's output; its end says why. */
const tailCharactersMax = 4e3;
/** Half a line, then the end: what a reader sees of a program that was killed while it wrote. */
async function crash(stdout) {
	await written(stdout, "{\"type\":\"text\",\"te");
	process.kill(process.pid, "SIGKILL");
	await new Promise(() => {});
}
function outputOf(rule, lastText) {
	const result = rule.tasks ?? rule.verdict;
	return result === void 0 ? lastText : JSON.stringify(result);
}
function printer(stdout) {
	return (line) => written(stdout, `${JSON.stringify(line)}\n`);
}
function written(stdout, text) {
	return new Promise((resolve, reject) => {
		stdout.write(text, (error) => error ? reject(error) : resolve());
	});
}
async function readAll(stdin) {
	const chunks = [];
	for await (const chunk of stdin) chunks.push(Buffer.from(chunk));
	return Buffer.concat(chunks).toString("utf8");
}

export { runScriptedAgent };