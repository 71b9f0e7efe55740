/** `[gateway.<name>]`: services of models besides those that are known, and why one of them makes no sense. */
import type { Position } from '../diagnostic.ts';
import type { UpstreamConfig } from './config.ts';
import { type Reading, readEntries, tableOf } from './entries.ts';
import { knownUpstreamNames } from './gateway-fields.ts';
import { isKeyName } from './key-in-file.ts';
import type { Entry, Table } from './toml.ts';

export function readGateway(reading: Reading, table: Table): Readonly<Record<string, UpstreamConfig>> {
  const upstreams = [...table.entries.values()].flatMap((entry): [string, UpstreamConfig][] => {
    const inner = tableOf(reading, entry);
    if (!inner) return [];
    const entries = [...inner.entries.values()].filter((one) => !refuseKey(reading, one));
    const upstream = readEntries(reading, entries, { section: 'gateway', of: entry.key });
    checkUpstream(reading, { name: entry.key, at: entry.keyAt, upstream, keys: inner.entries });
    return [[entry.key, upstream]];
  });
  return Object.fromEntries(upstreams);
}

/** A key that is not ours and whose name says that a key stands there: told without its line. */
function refuseKey({ problems }: Reading, { key, keyAt }: Entry): boolean {
  if (key === 'key_env' || key === 'key_in' || !isKeyName(key)) return false;
  problems.add({
    code: 'key-in-file',
    at: keyAt,
    message: `\`${key.replace(/[^\x20-\x7e]/g, '?').slice(0, 60)}\` in [gateway.<name>] is not read: a key stands in no file`,
    hint: 'put it into a variable of the environment that gump runs in, and say `key_env = "NAME_OF_THE_VARIABLE"`; whoever could read this file has seen the key',
    hidden: true,
  });
  return true;
}

interface Named {
  readonly name: string;
  readonly at: Position;
  readonly upstream: UpstreamConfig;
  /** As written, understood or not. */
  readonly keys: ReadonlyMap<string, Entry>;
}

function checkUpstream({ problems }: Reading, named: Named): void {
  const why = wrongName(named.name) ?? lacking(named) ?? wrongKey(named) ?? openKey(named);
  if (why) problems.add({ code: 'gateway', at: named.at, ...why });
}

type Why = {
  readonly message: string;
  readonly hint: string;
  readonly severity?: 'warning';
} | null;

function wrongName(name: string): Why {
  const isKnown = knownUpstreamNames.some((known) => known === name);
  if (isKnown) {
    const message = `[gateway.${name}] would be another ${name}: its key and address come from the environment`;
    return {
      message,
      hint: 'give it a name of its own, and say `upstream` in [agents.<name>] of whoever uses it',
    };
  }
  if (/^[A-Za-z][\w-]{0,63}$/.test(name)) return null;
  const shown = name.replace(/[^\x20-\x7e]/g, '?').slice(0, 80);
  return {
    message: `\`${shown}\` cannot be the name of an upstream`,
    hint: 'letters, digits, `-`, `_`, at most 64 characters, a letter first',
  };
}

function lacking({ name, keys }: Named): Why {
  const missing = ['url', 'api'].filter((key) => !keys.has(key));
  if (missing.length === 0) return null;
  const message = `the upstream \`${name}\` does not say its ${missing.map((key) => `\`${key}\``).join(' and ')}`;
  return { message, hint: 'for example url = "https://models.example.com/v1" and api = "openai-chat"' };
}

function wrongKey({ name, upstream, keys }: Named): Why {
  const isOpen = upstream.key_in === 'none';
  if (isOpen && keys.has('key_env'))
    return {
      message: `the upstream \`${name}\` has a \`key_env\`, and \`key_in\` says that no key is sent`,
      hint: 'leave one of them out',
    };
  if (isOpen || keys.has('key_env')) return null;
  return {
    message: `the upstream \`${name}\` does not say which variable holds its key`,
    hint: 'say `key_env = "NAME_OF_THE_VARIABLE"`, or `key_in = "none"` where it needs no key',
  };
}

/** Who stands between could read it. */
function openKey({ name, upstream: { url = '', key_env } }: Named): Why {
  if (key_env === undefined || !url.startsWith('http:') || isLoopback(url)) return null;
  return {
    severity: 'warning',
    message: `the key of the upstream \`${name}\` is sent over http:, readable for whoever is on the way`,
    hint: 'use https: where the service has it',
  };
}

function isLoopback(url: string): boolean {
  const { hostname } = new URL(url);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
