import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Event, Fact } from '../../src/events/event.ts';
import { readManifest } from '../../src/ledger/file.ts';
import { seedRunFolder } from '../../src/ledger/seed.ts';

let dir: string;
let folder: string;
let from: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'gump-seed-'));
  [folder, from] = [join(dir, 'new'), join(dir, 'old')];
  await mkdir(folder);
  await mkdir(join(from, 'artifacts'), { recursive: true });
});
afterEach(() => rm(dir, { recursive: true, force: true }));

const gate = (log: string): Fact => {
  return { type: 'gate_passed', step: 'a', attempt: 1, gate: 'test', commit: 'c', duration_ms: 1, log };
};
const eventsOf = (...facts: readonly Fact[]): Event[] =>
  facts.map((fact, index) => ({ v: 1, seq: index + 1, ts: '2026-11-01T00:00:00.000Z', ...fact }));

test('the events stand in the ledger as they are, and the artifacts that they name beside it', async () => {
  await writeFile(join(from, 'artifacts/a.log'), 'whole\n');
  await writeFile(join(from, 'artifacts/other.log'), 'not named\n');
  const events = eventsOf(gate('a.log'), gate('a.log'));
  await seedRunFolder({ folder, events, from });
  expect((await readManifest(folder)).events).toEqual(events);
  expect(await readdir(join(folder, 'artifacts'))).toEqual(['a.log']);
  expect(await readFile(join(folder, 'artifacts/a.log'), 'utf8')).toBe('whole\n');
});

test('an artifact that is gone is gone, a link is no artifact, and a name that leaves the folder is refused', async () => {
  await writeFile(join(dir, 'secret'), 'x');
  await symlink(join(dir, 'secret'), join(from, 'artifacts/link.log'));
  await seedRunFolder({ folder, events: eventsOf(gate('gone.log'), gate('link.log')), from });
  expect(await readdir(join(folder, 'artifacts'))).toEqual([]);
  const other = join(dir, 'other');
  await mkdir(other);
  const seeding = seedRunFolder({ folder: other, events: eventsOf(gate('../../secret')), from });
  await expect(seeding).rejects.toThrow('no plain file name');
  expect(await readdir(other)).not.toContain('manifest.ndjson');
});

test('events with a hole are refused before anything is written', async () => {
  const seeding = seedRunFolder({ folder, events: eventsOf(gate('a'), gate('b')).slice(1), from });
  await expect(seeding).rejects.toThrow('expected 1');
  expect(await readdir(folder)).toEqual([]);
});
