import { asText, evaluateText } from './runner/expression.ts';
import { loadGithubPackages } from './runner/github-packages.ts';

/** What `run-name:` gives, each `${{ }}` in it evaluated; null where there is none or it is not to be evaluated. */
export async function runNameOf(
  runName: unknown,
  contexts: {
    readonly inputs: Readonly<Record<string, string>>;
    readonly github: Readonly<Record<string, string>>;
  },
): Promise<string | null> {
  if (typeof runName !== 'string' || runName.trim() === '') return null;
  const packages = await loadGithubPackages();
  try {
    const scope = { contexts, standing: 'success' } as const;
    const name = runName.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
      asText(evaluateText(packages, expression.trim(), scope)),
    );
    return name.trim() || null;
  } catch {
    return null;
  }
}
