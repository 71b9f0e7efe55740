/** The agent CLIs that npm ships: what people call them, where their program is, and the hashes of versions that were looked at. */
import { nearest } from '../diagnostic.ts';

export interface CliPackage {
  readonly family: string;
  readonly package: string;
  /** What people may write before the `@`; the package's own name goes too. */
  readonly names: readonly string[];
  /** As it is started. */
  readonly program: string;
  /**
   * The program itself, below `node_modules`, where the package puts it in place with an install script only; the first
   * that is there. Empty: what npm links is started.
   */
  readonly native: readonly string[];
}

/** @source the packages as npm has them, installed without scripts (2026-11) */
export const cliPackages: readonly CliPackage[] = [
  {
    family: 'claude',
    package: '@anthropic-ai/claude-code',
    names: ['claude-code', 'claude'],
    program: 'claude',
    native: ['linux-x64', 'linux-arm64', 'linux-x64-musl', 'linux-arm64-musl'].map(
      (platform) => `@anthropic-ai/claude-code-${platform}/claude`,
    ),
  },
  { family: 'codex', package: '@openai/codex', names: ['codex'], program: 'codex', native: [] },
  {
    ...{ family: 'gemini', package: '@google/gemini-cli', names: ['gemini-cli', 'gemini'] },
    ...{ program: 'gemini', native: [] },
  },
  {
    ...{ family: 'qwen', package: '@qwen-code/qwen-code', names: ['qwen-code', 'qwen'] },
    ...{ program: 'qwen', native: [] },
  },
  {
    family: 'opencode',
    package: 'opencode-ai',
    names: ['opencode'],
    program: 'opencode',
    // What needs the fewest of a processor's abilities runs everywhere.
    native: [
      'linux-x64-baseline',
      'linux-x64',
      'linux-arm64',
      'linux-x64-baseline-musl',
      'linux-arm64-musl',
    ].map((platform) => `opencode-${platform}/bin/opencode`),
  },
  { family: 'copilot', package: '@github/copilot', names: ['copilot'], program: 'copilot', native: [] },
  {
    ...{ family: 'pi', package: '@mariozechner/pi-coding-agent', names: ['pi-coding-agent', 'pi'] },
    ...{ program: 'pi', native: [] },
  },
];

/**
 * Hashes of packages at versions that were tried, by `name@version`: a registry that gives another file is not believed.
 * @source registry.npmjs.org (read 2026-11-26)
 */
export const recordedHashes: Readonly<Record<string, string>> = {
  '@anthropic-ai/claude-code@2.1.330':
    'sha512-KQMl6kixLMGHRCDUhkUPebuBhw13MpxlH3+17QzHQx40FNVd1z3uFKUSqQXB5zF9vLQGcpoC/8wWe5R35lsWvQ==',
  '@anthropic-ai/claude-code-linux-x64@2.1.330':
    'sha512-9Gn+V7DtJ8M1nztP9CeDVl9g3RtrepI7rOFTyPRRnZe8D6zebIHKmC7OvBauucuAP0X0k85SDN/LPVZyjsGezQ==',
  '@anthropic-ai/claude-code-linux-arm64@2.1.330':
    'sha512-V4yanAY5EA5UpwwRPtjSfqDbNqAlUJeVn3NYZw2AgmRHjdpSsLtHAzbxRXfkAnbjwTXzE0uedjQxUY02ARPcsA==',
  '@openai/codex@0.169.0':
    'sha512-KhzYlkKPxoNssR8CEm45IjqnFWn7UtlF4CiD3tOJPea51xBs7MaHy0UQG9GSbCqk6Lrjn5QdJDV0QD1/FgWlGw==',
  '@openai/codex@0.169.0-linux-x64':
    'sha512-o05NyAOCDygSPRo1yinzxvkRSdmsZyBD9E7mbpmjRanSfM8lypqWtQgEo4XfNkwhuCR2aFu8mlGOsQGFXVbVww==',
  '@openai/codex@0.169.0-linux-arm64':
    'sha512-NZ/DaQUpcQmxmqee7Z9uC1rzw3GhSbooawcaTe1LN5Yk+WlinUKGdTXJgClRT/9ogQEEM9TWxYzvxPfj5G/xFg==',
  '@google/gemini-cli@0.61.0':
    'sha512-dbQ9A0qBtFJNi6XBkHvfZ6Azpn6PNgH/P8h2MZ67RLlX8hSAVjup39CRWqdRxZv7YXIuhrFaytr8y0jKnkoxnQ==',
  '@qwen-code/qwen-code@0.24.4':
    'sha512-pmexy/Nj+BKd3Un1ogqGQE8V4GJn5B6N9PQOrU1GH+lMR29kn6Bgf6YdbZa8hNIoTmAKT1LTPK+P8TibZRPPVg==',
  'opencode-ai@1.18.33':
    'sha512-58P1ffLRXiAY4QeoABqUjqf6DEzm1ihpovvn9Ad+oOLbLiwK/rf88wruT9IATJ7AtNjmi8iA7pC8tN4o5y799Q==',
  'opencode-linux-x64@1.18.33':
    'sha512-q/t/3p2CTxOT9y2kvjesb/LZab2+1eqlhhWA02Be6mjTtmYtNBcBsrI5yDo4Fw7ZSPBW2oyMIGMNRqiKQjiAWw==',
  'opencode-linux-x64-baseline@1.18.33':
    'sha512-1KQGBiiDDeL/VHHbHkOvvFo8Jr97WT5+C1tear+p7IcDTnXgVHXqIjU4O4jM4mHQzykTP2i884FCnW5LDa+zCA==',
  '@github/copilot@1.0.102':
    'sha512-mv6cTWMhMILxg5ZDgqJ6UsnpPuySCPWOPbZVaO8lL0dpmjY3VD9ZhJr6DFcG7fhUXZv6OmvLdcRCa5MJ6hBI+Q==',
  '@github/copilot-linux-x64@1.0.102':
    'sha512-eGHPbsP0p2QgfVZCjtbGBFZPBOJQ0DN7xIbBRAo7oG8b1zfLirQIdfI4h8Iy68Dv2cKJGJZg2/EO7W7KpIMJOw==',
  '@github/copilot-linux-arm64@1.0.102':
    'sha512-5rO0B2/AduCekrE+aUzipySKZxZY2b/tVRZ8Suy8ymPFNC0Q7HQiQ8DZhxj+3RhHR8rU2Z8KOJVAbtMlROX6+A==',
  '@mariozechner/pi-coding-agent@0.73.1':
    'sha512-gXQh3SaZmWTfVMc4Ao5+LGbVeKvzyO7tolok0nLsZgq9nGjZx/EEU3NM8C+qUnB4Nvs2rswG5qOVgLzQkq0fHQ==',
};

export interface WantedCli {
  readonly cli: CliPackage;
  /** Exact: `2.1.330`. */
  readonly version: string;
}

/** As npm names it: `@openai/codex@0.61.0` */
export function titleOf({ cli, version }: WantedCli): string {
  return `${cli.package}@${version}`;
}

/** One CLI a line, `claude-code@2.1.330`; problems as whole sentences, all at once. */
export function readWantedClis(text: string): {
  readonly wanted: readonly WantedCli[];
  readonly problems: readonly string[];
} {
  const wanted: WantedCli[] = [];
  const problems: string[] = [];
  for (const line of text.split(/\r\n|\r|\n/).map((one) => one.trim())) {
    if (line === '' || line.startsWith('#')) continue;
    const found = readLine(line);
    if (typeof found === 'string') problems.push(found);
    else if (wanted.some(({ cli }) => cli === found.cli))
      problems.push(
        `The input \`agent-cli\` names ${found.cli.package} twice; one version of it can be on PATH.`,
      );
    else wanted.push(found);
  }
  return { wanted, problems };
}

/** @source semver.org, without build metadata, which npm does not tell apart */
const exactVersion = /^\d{1,9}\.\d{1,9}\.\d{1,9}(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?$/;

function readLine(line: string): WantedCli | string {
  const at = line.lastIndexOf('@');
  const [name, version] = at > 0 ? [line.slice(0, at), line.slice(at + 1)] : [line, ''];
  const cli = cliPackages.find((one) => one.package === name || one.names.includes(name));
  if (!cli) return unknown(name);
  if (exactVersion.test(version) && version.length <= 64) return { cli, version };
  const was = version === '' ? 'no version was given' : `it was ${shown(version)}`;
  return `The input \`agent-cli\` takes exact versions only, such as \`${cli.names[0]}@2.1.330\`: no tag and no range, which mean another program tomorrow; ${was}.`;
}

function unknown(name: string): string {
  if (/^cursor(-agent)?$/.test(name))
    return 'The input `agent-cli` cannot install cursor: npm does not ship it. Install it in a step of the workflow before this one.';
  const names = cliPackages.flatMap((one) => one.names.slice(0, 1));
  const near = nearest(name, [...cliPackages.flatMap((one) => [...one.names, one.package])]);
  const meant = near ? ` Did you mean \`${near}\`?` : '';
  return `The input \`agent-cli\` knows no CLI ${shown(name)}; it installs ${names.join(', ')}.${meant}`;
}

function shown(text: string): string {
  const line = text.replace(/[^\x20-\x7e]/g, '?').replaceAll('`', "'");
  return `\`${line.length > 60 ? `${line.slice(0, 60)}…` : line}\``;
}
