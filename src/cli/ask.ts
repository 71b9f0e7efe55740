/** A question at the terminal; end of input is not consent. */
import { createInterface } from 'node:readline/promises';

export async function askAtTerminal(question: string): Promise<'approve' | 'reject' | null> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const closed = new Promise<null>((resolve) => terminal.once('close', () => resolve(null)));
  try {
    for (;;) {
      const answer = await Promise.race([terminal.question(`${question} [y/n] `), closed]);
      if (answer === null) return null;
      if (/^y(es)?$/i.test(answer.trim())) return 'approve';
      if (/^no?$/i.test(answer.trim())) return 'reject';
    }
  } finally {
    terminal.close();
  }
}
