/** Which upstream an agent's models are reached through, where its table names one; or why it cannot. */
import type { AgentConfig } from '../config/config.ts';
import { type ModelApi, modelApis } from '../config/gateway-fields.ts';
import type { AgentOrder } from '../ports/agent.ts';
import { familyAmong } from '../workflow/agent-names.ts';

/** What `upstream` of an agent may name, and how it stands on this machine. */
export interface UpstreamHere {
  readonly name: string;
  readonly isOwn: boolean;
  /** The forms of its calls, as configured. */
  readonly apis: readonly string[];
  /** The variable of its key; null where it needs none. */
  readonly variable: string | null;
  readonly isSet: boolean;
}

export type Upstreams = readonly UpstreamHere[];

interface Wanted {
  readonly own: Readonly<Record<string, AgentConfig>>;
  readonly upstreams: Upstreams;
  /** The forms of calls that the agent's program knows. */
  readonly apis: readonly ModelApi[];
}

export interface ChosenUpstream {
  readonly name: string;
  readonly api: ModelApi;
}

/** Null where its table names none, or one that cannot be used (`problemOf` says why). */
export function upstreamFor(agent: string, { own, upstreams, apis }: Wanted): ChosenUpstream | null {
  const name = tableOf(agent, own)?.upstream;
  const found = upstreams.find((one) => one.name === name);
  const api = apis.find((one) => found?.apis.includes(one));
  return found && api ? { name: found.name, api } : null;
}

function tableOf(agent: string, own: Wanted['own']): AgentConfig | undefined {
  const name = familyAmong(agent, Object.keys(own));
  return name === null ? undefined : own[name];
}

interface Problem {
  readonly problem: string;
  readonly hint: string;
}

/** Why an agent cannot be launched as its table wants it; null where it can. Told before any money is spent. */
export function problemOf(agent: string, wanted: Wanted): Problem | null {
  const config = tableOf(agent, wanted.own);
  const why = config && (leakOf(config, wanted.upstreams) ?? wrongUpstream(config, wanted));
  return why ? { ...why, problem: `no agent can be launched as ${agent}: ${why.problem}` } : null;
}

/** R10: the gateway is there so that no agent sees such a key. */
function leakOf({ env = [], upstream }: AgentConfig, upstreams: Upstreams): Problem | null {
  const held = upstreams.find(({ name, isOwn, variable }) => {
    return (isOwn || name === upstream) && variable !== null && env.includes(variable);
  });
  if (!held) return null;
  return {
    problem: `its \`env\` names ${held.variable}, the key of the upstream \`${held.name}\`, which no agent gets`,
    hint: `take it out of \`env\` and say upstream = "${held.name}": the agent then finds address and token of the gateway`,
  };
}

function wrongUpstream({ upstream: name }: AgentConfig, { upstreams, apis }: Wanted): Problem | null {
  if (name === undefined) return null;
  const found = upstreams.find((one) => one.name === name);
  if (!found) {
    return {
      problem: `there is no upstream \`${name}\` that may be used here`,
      hint: `write [gateway.${name}] into ~/.gump/config.toml, on GitHub into gump.toml of the default branch`,
    };
  }
  if (!apis.some((api) => found.apis.includes(api))) {
    const spoken = apis.length === 0 ? 'reaches its own service only' : `speaks ${apis.join(' or ')}`;
    const problem = `its program ${spoken}, and the upstream \`${name}\` is ${found.apis.join(' or ')}`;
    return { problem, hint: 'name another upstream, or another agent' };
  }
  if (found.variable === null || found.isSet) return null;
  return {
    problem: `the variable ${found.variable}, which holds the key of the upstream \`${name}\`, is not set`,
    hint: 'set it where gump runs (on GitHub: from a secret, in `env:` of the step)',
  };
}

/** What a command or an ACP agent speaks, only its author knows. */
export const anyApi: readonly ModelApi[] = modelApis;

type Variables = Readonly<Record<string, string>>;

/** By which programs of each form find their service; the token is worth nothing elsewhere. */
const variables: Readonly<Record<ModelApi, (url: string, token: string) => Variables>> = {
  'anthropic-messages': (url, token) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_API_KEY: token }),
  'openai-responses': (url, token) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: token }),
  'openai-chat': (url, token) => ({ OPENAI_BASE_URL: `${url}/v1`, OPENAI_API_KEY: token }),
  gemini: (url, token) => ({ GOOGLE_GEMINI_BASE_URL: url, GEMINI_API_KEY: token }),
};

/** What an agent of somebody's own finds in its environment; empty where it does not go through the gateway. */
export function modelVariables(
  { models }: Pick<AgentOrder, 'models'>,
  chosen: ChosenUpstream | undefined,
): Variables {
  if (models === undefined || chosen === undefined) return {};
  const url = models.url(chosen.name);
  return {
    ...variables[chosen.api](url, models.token),
    GUMP_MODEL_URL: url,
    GUMP_MODEL_TOKEN: models.token,
  };
}
