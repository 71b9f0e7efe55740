/** Options that several commands have, and the forms of their values. */
import { InvalidArgumentError, Option } from 'commander';

export function repositoryOption(): Option {
  return new Option('--repo <dir>', 'the repository to work on (default: where you are)');
}

/** An amount above 0. */
export function amountOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(positive);
}

/** A whole number from 1. */
export function countOption(flags: string, description: string): Option {
  return new Option(flags, description).argParser(whole);
}

function positive(text: string): number {
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError('It is no amount above 0.');
  return value;
}

function whole(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError('It is no whole number from 1.');
  return value;
}
