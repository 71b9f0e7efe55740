/** The scripted agent's program that also keeps what it was told: `<folder>/<sha256 of the prompt>`. */
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { runScriptedAgent } from '../../../src/agents/scripted-program.ts';

const [folder = ''] = process.argv.slice(2);
const input = await text(process.stdin);
const { prompt } = JSON.parse(input) as { prompt: string };
writeFileSync(join(folder, createHash('sha256').update(prompt).digest('hex')), prompt);
process.exitCode = await runScriptedAgent(Readable.from([Buffer.from(input)]), process.stdout);
