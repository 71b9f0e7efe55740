import { GumpError } from '../errors.ts';
import { limits } from '../limits.ts';

/** The name where it can be a file of `artifacts/`. @throws GumpError `ledger` where it cannot. */
export function checkArtifactName(name: string): string {
  const plain = /^[A-Za-z0-9._-]+$/.test(name) && !/^\.+$/.test(name);
  if (plain && name.length <= limits.artifactNameCharactersMax) return name;
  throw new GumpError(`The artifact ${JSON.stringify(name)} was not kept: that is no plain file name.`, {
    code: 'ledger',
    hint: `Use letters, digits, ".", "_" and "-", at most ${limits.artifactNameCharactersMax}.`,
  });
}
