/** Options that several commands have, and the forms of their values. */
import { InvalidArgumentError, Option } from 'commander';

export function repositoryOption(): Option {
  return new Option('--repo <dir>', 'the repository to work on (default: where you are)');
}

/** An amount above 0. */
export function amountOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(positive);
}

/** A whole number, from 1 where nothing else is said. */
export function countOption(flags: string, description: string, from = 1): Option {
  return new Option(flags, description).argParser((text) => whole(text, from));
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
