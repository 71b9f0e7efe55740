/** Options that several commands have, and the forms of their values. */
import { InvalidArgumentError, Option } from 'commander';

export function repositoryOption(): Option {
  return new Option('--repo <dir>', 'the repository to work on (default: where you are)').argParser(folder);
}

/** A variable that is not set must not mean the place where one happens to be. */
function folder(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It names no folder.');
  return text;
}

export function fileName(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('It names no file.');
  return text;
}

/** An amount above 0. */
export function amountOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(positive);
}

/** A whole number, from 1 where nothing else is said. */
export function countOption(flags: string, description: string, from = 1): Option {
  return new Option(flags, description).argParser((text) => whole(text, from));
}

/** `--set name=text`, as often as there are inputs. */
export function setOption(): Option {
  return new Option(
    '--set <name=text>',
    'an input of the workflow, put in as it is; may be repeated',
  ).argParser(input);
}

type Inputs = Readonly<Record<string, string>>;

function input(text: string, before: Inputs = {}): Inputs {
  const [, name, value] = /^([\w-]{1,64})=([\s\S]*)$/.exec(text) ?? [];
  if (name === undefined || value === undefined)
    throw new InvalidArgumentError('It is no name=text; a name has letters, digits, `_` and `-`.');
  if (Object.hasOwn(before, name)) throw new InvalidArgumentError(`${name} is given twice.`);
  return { ...before, [name]: value };
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('It is no amount above 0.');
  return value;
}

function whole(text: string, from: number): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isSafeInteger(value) || value < from)
    throw new InvalidArgumentError(`It is no whole number from ${from}.`);
  return value;
}
