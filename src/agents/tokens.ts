/** Tokens as the streams of agent CLIs tell them. */

/** In pieces; `input` counts the whole prompt, cached parts included, whatever the program's own way of counting is. */
export interface CliTokens {
  readonly input: number;
  readonly cacheRead: number;
  readonly cacheWrite: number;
  readonly output: number;
}

export const noCliTokens: CliTokens = { input: 0, cacheRead: 0, cacheWrite: 0, output: 0 };

/** What `a` has more than `b`, never less than nothing. */
export function lessTokens(a: CliTokens, b: CliTokens): CliTokens {
  return {
    input: Math.max(0, a.input - b.input),
    cacheRead: Math.max(0, a.cacheRead - b.cacheRead),
    cacheWrite: Math.max(0, a.cacheWrite - b.cacheWrite),
    output: Math.max(0, a.output - b.output),
  };
}

export function mostTokens(a: CliTokens, b: CliTokens): CliTokens {
  return {
    input: Math.max(a.input, b.input),
    cacheRead: Math.max(a.cacheRead, b.cacheRead),
    cacheWrite: Math.max(a.cacheWrite, b.cacheWrite),
    output: Math.max(a.output, b.output),
  };
}

export function addTokens(a: CliTokens, b: CliTokens): CliTokens {
  return {
    input: a.input + b.input,
    cacheRead: a.cacheRead + b.cacheRead,
    cacheWrite: a.cacheWrite + b.cacheWrite,
    output: a.output + b.output,
  };
}
