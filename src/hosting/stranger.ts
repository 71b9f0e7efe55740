/**
 * What a project's file may not say on the machine of whoever runs it, for a stranger may have written it: where keys go,
 * which secrets a command gets, what models cost. Each is said by the user's own file; nothing is dropped in silence.
 */
import { type AgentConfig, type Config, keyPath, type Layer } from '../config/config.ts';
import type { ParsedConfig } from '../config/parse.ts';
import type { Diagnostic } from '../diagnostic.ts';

export const projectFile = 'gump.toml';
export const userFile = '~/.gump/config.toml';

export function fromStranger(project: ParsedConfig, user: ParsedConfig | null): ParsedConfig {
  const { layer, diagnostics } = project;
  if (!layer) return project;
  const own = user?.layer?.config.agents ?? {};
  const tables = Object.entries(layer.config.agents).map(
    ([name, said]) => [name, said, held(said, Object.hasOwn(own, name) ? own[name] : undefined)] as const,
  );
  const agents = Object.fromEntries(tables.map(([name, , kept]) => [name, kept]));
  return {
    layer: { ...layer, config: { ...layer.config, gateway: {}, agents } },
    diagnostics: [
      ...diagnostics,
      ...ofGateway(layer),
      ...tables.flatMap(([name, said, kept]) => ofAgent(layer, name, { said, kept })),
    ],
  };
}

/** With them a stranger's command would have the secrets of whoever runs it, and a budget would hold nothing. */
const prices = ['price_in', 'price_out', 'price_cached', 'context_window'] as const;

/** What holds of a project's table; all of it where the user's own file says the same of the same command. */
function held(said: AgentConfig, own: AgentConfig | undefined): AgentConfig {
  const isSame = own !== undefined && JSON.stringify(own.command) === JSON.stringify(said.command);
  const { env, ...rest } = said;
  const allowed = isSame ? (env ?? []).filter((name) => own.env?.includes(name)) : [];
  const kept = Object.entries(rest).filter(
    ([key, value]) => !prices.some((one) => one === key && own?.[one] !== value),
  );
  return { ...Object.fromEntries(kept), ...(allowed.length > 0 ? { env: allowed } : {}) };
}

interface Table {
  readonly said: AgentConfig;
  readonly kept: AgentConfig;
}

function ofAgent(layer: Layer, name: string, { said, kept }: Table): readonly Diagnostic[] {
  const taken = (said.env ?? []).filter((one) => !kept.env?.includes(one));
  const priced = prices.filter((key) => said[key] !== undefined && kept[key] === undefined);
  const table = `[agents.${name}] of ${projectFile}`;
  const hint = `where you want it, say it of the same agent in ${userFile} too`;
  const warn = (key: string, message: string): Diagnostic => {
    const at = layer.places.get(keyPath('agent', key, name));
    return { severity: 'warning', code: 'not-used', message, hint, ...(at ? { at } : {}) };
  };
  return [
    ...(taken.length === 0
      ? []
      : [
          warn(
            'env',
            `\`env\` of ${table} hands ${taken.join(', ')} to its command, which does not hold on your machine`,
          ),
        ]),
    ...(priced[0] === undefined
      ? []
      : [
          warn(
            priced[0],
            `${priced.join(', ')} of ${table} ${priced.length > 1 ? 'do' : 'does'} not hold on your machine: your budget is kept by it`,
          ),
        ]),
  ];
}

/**
 * An upstream says where a key goes and which variable holds it: in a project's file that would hand the keys of whoever
 * runs it to a stranger. So it may name an upstream, and only the user's own file says what that is.
 */
function ofGateway(layer: Layer): readonly Diagnostic[] {
  const names = Object.keys(layer.config.gateway satisfies Config['gateway']);
  if (names.length === 0) return [];
  const at = layer.places.get(keyPath('gateway', 'url', names[0]));
  const tables = names.map((name) => `[gateway.${name}]`).join(', ');
  const message = `${tables} of ${projectFile} does not hold on your machine: it says where a key is sent`;
  const hint = `where you want it, say it in ${userFile}`;
  return [{ severity: 'warning', code: 'not-used', message, hint, ...(at ? { at } : {}) }];
}
