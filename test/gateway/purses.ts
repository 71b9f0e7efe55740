/** The purses of an attempt, as short as tests need them. */
import type { Purse } from '../../src/ports/gateway.ts';

/** Only what is limited is given; `path` is the attempt's. */
export function purses(
  limited: Partial<Readonly<Record<Purse['scope'], number>>>,
  path = 'do',
): readonly Purse[] {
  const paths = { attempt: path, call: 'called', run: '' };
  return (['attempt', 'call', 'run'] as const).flatMap((scope) => {
    const leftUsd = limited[scope];
    return leftUsd === undefined ? [] : [{ scope, path: paths[scope], leftUsd }];
  });
}
