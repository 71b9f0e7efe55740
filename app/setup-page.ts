/** The page of the first start: what the App will be allowed, and one button. Pure. */
import type { Manifest } from './manifest.ts';

export interface SetupPage {
  readonly manifest: Manifest;
  readonly serverUrl: string;
  readonly state: string;
}

/** HTML; the form goes to GitHub, which asks the person once more. */
export function setupPage({ manifest, serverUrl, state }: SetupPage): string {
  const rights = Object.entries(manifest.default_permissions);
  const list = rights.map(([right, level]) => `<li>${escaped(right)}: ${escaped(level)}</li>`).join('');
  const { hostname } = new URL(manifest.hook_attributes.url);
  const isLocal = /^(localhost|127\.|\[::1\])/.test(hostname);
  const warning = `<p><strong>GitHub cannot reach ${escaped(hostname)}.</strong> Set APP_URL to the address under which this server can be reached from outside, and start it again.</p>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Register ${escaped(manifest.name)}</title></head>
<body>
<h1>Register ${escaped(manifest.name)} with GitHub</h1>
${isLocal ? warning : ''}
<p>Events go to <code>${escaped(manifest.hook_attributes.url)}</code>. It asks for:</p>
<ul>${list}</ul>
<form action="${escaped(`${serverUrl}/settings/apps/new?state=${state}`)}" method="post">
<input type="hidden" name="manifest" value="${escaped(JSON.stringify(manifest))}">
<button>Register on my account</button>
</form>
<p>For an organization: replace <code>/settings/apps/new</code> by <code>/organizations/NAME/settings/apps/new</code>, or
transfer the App afterwards.</p>
</body></html>
`;
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (one) => entities[one] ?? one);
}
