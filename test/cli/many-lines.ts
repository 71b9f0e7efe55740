/** Plays many command lines in one process: standard input is a JSON array of them, standard output one of what came of each. */
import { text } from 'node:stream/consumers';
import { runCommandLine } from '../../src/cli/command-line.ts';

const print = process.stdout.write.bind(process.stdout);

/** What the command itself prints is a part of its answer. */
function listenTo(stream: NodeJS.WriteStream): { text: string } {
  const heard = { text: '' };
  stream.write = ((chunk: string | Uint8Array): boolean => {
    heard.text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
    return true;
  }) as typeof stream.write;
  return heard;
}

const stdout = listenTo(process.stdout);
const stderr = listenTo(process.stderr);
const answers: { code: number; stdout: string; stderr: string }[] = [];
for (const words of JSON.parse(await text(process.stdin)) as readonly string[][]) {
  stdout.text = '';
  stderr.text = '';
  const code = await runCommandLine(['node', 'gump', ...words]);
  answers.push({ code, stdout: stdout.text, stderr: stderr.text });
}
print(JSON.stringify(answers));
