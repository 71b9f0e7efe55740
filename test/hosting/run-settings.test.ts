import { expect, test } from 'vitest';
import { emptyConfig } from '../../src/config/config.ts';
import { type Asked, runSettings } from '../../src/hosting/run-settings.ts';

const nothing: Asked = { agent: null, maxBudgetUsd: null, maxParallel: null, pauseAfter: null };
const none = { config: null, layers: [], user: null, diagnostics: [] };

test('at most four tasks run at once where nothing else is said', () => {
  expect(runSettings(nothing, none, emptyConfig).max_parallel).toBe(4);
  const configured = { ...emptyConfig, budget: { max_parallel: 2 } };
  expect(runSettings(nothing, none, configured).max_parallel).toBe(2);
  expect(runSettings({ ...nothing, maxParallel: 8 }, none, configured).max_parallel).toBe(8);
});
