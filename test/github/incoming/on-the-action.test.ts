/** The suites of the incoming half once more: what the App does behind its webhook, the Action does alone. */
import { describe } from 'vitest';
import { useHost } from './host.ts';

useHost('action');

describe('on the Action alone: labels', async () => {
  await import('./label.test.ts');
});

describe('on the Action alone: commands', async () => {
  await import('./command.test.ts');
});

describe('on the Action alone: stop', async () => {
  await import('./stop.test.ts');
});

describe('on the Action alone: boxes', async () => {
  await import('./act.test.ts');
});
