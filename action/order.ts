/** The input `order`: inputs by name, as JSON, so that a copied workflow file need not name each. */

const known = ['spec-commit', 'spec-hash', 'by', 'reason', 'seq', 'of', 'step', 'continued'] as const;

/** Empty where it is not given; adds a problem where it is not a JSON object of text under known names. */
export function readOrder(text: string | null, problems: string[]): ReadonlyMap<string, string> {
  if (text === null) return new Map();
  const value = parsed(text);
  if (value === null) {
    problems.push(
      'The input `order` is not a JSON object; leave it empty when you start the Action yourself.',
    );
    return new Map();
  }
  const entries = Object.entries(value);
  const wrong = entries.filter(
    ([name, entry]) => !known.some((one) => one === name) || typeof entry !== 'string',
  );
  for (const [name] of wrong) {
    const shown = name.replace(/[^\w-]/g, '?').slice(0, 40);
    problems.push(
      `The input \`order\` holds \`${shown}\`, which this version does not know as text; bring the Action up to date.`,
    );
  }
  return new Map(entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function parsed(text: string): object | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : null;
  } catch {
    return null;
  }
}
