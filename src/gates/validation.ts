/** `[validation]` as gates use it: the project's own commands, and from which commit they are taken. Pure. */
import type { Said } from '../config/config.ts';
import { parseValidationOnly } from '../config/parse.ts';
import { formatDiagnostic } from '../diagnostic.ts';

/** What a project is asked to do for a gate. */
export type Goal = 'compile' | 'test' | 'lint' | 'coverage';

/** What was said, by the keys of the table of fields: commands are shell texts for the tree's top folder, `timeout` is in milliseconds. */
export type Validation = Said<'validation'>;

/** What a `gump.toml` says; its mistakes as text where it has some. Other tables are not looked at. */
export function readValidation(text: string): Validation | string {
  const { layer, diagnostics } = parseValidationOnly({ file: 'gump.toml', text });
  return layer?.config.validation ?? diagnostics.map(formatDiagnostic).join('\n');
}
