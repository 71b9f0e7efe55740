/** How a person gives an input to the workflow that they start, in the words of where they start it. */

/** `runner`: the Action, which has an input where the command line has an option. */
export type Host = 'command-line' | 'runner';

/** `--set name=…`, or the same on a runner, to be read behind "with" or "add". */
export function givenBy(host: Host, name: string, value = '…'): string {
  return host === 'runner' ? `a line \`${name}=${value}\` in the input \`set\`` : `--set ${name}=${value}`;
}
