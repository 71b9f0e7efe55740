/** Reading what a person named on the command line. */
import { readFileSync } from 'node:fs';
import { GumpError } from '../errors.ts';
import { limits } from '../limits.ts';
import { readSpec } from '../spec/read.ts';
import { usage } from './local-run.ts';

/** The spec of a file, or why there is none. */
export function readSpecFile(path: string, resolvePath: (path: string) => string) {
  const bytes = readHead(resolvePath(path), limits.specBytesMax + 1);
  if (bytes === null)
    return {
      diagnostics: [
        usage(`the spec ${path} cannot be read`, 'give the path of a markdown file: --spec spec.md'),
      ],
    };
  const read = readSpec({ bytes, origin: path });
  return 'spec' in read ? { value: read.spec, diagnostics: [] } : { diagnostics: read.diagnostics };
}

/** The text of an agent script; null where none is named. @throws GumpError `usage` */
export function readScript(path: string | null, resolvePath: (path: string) => string) {
  if (path === null) return null;
  const bytes = readHead(resolvePath(path), limits.agentScriptBytesMax + 1);
  if (bytes !== null) return { file: path, text: bytes.toString('utf8') };
  throw new GumpError(`the agent script ${path} cannot be read`, {
    code: 'usage',
    hint: 'give the path of a YAML file: --agent-script FILE',
  });
}

function readHead(path: string, bytesMax: number): Buffer | null {
  try {
    return readFileSync(path).subarray(0, bytesMax);
  } catch {
    // The caller says which file it was and what to give instead.
    return null;
  }
}
