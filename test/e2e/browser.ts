/** A real browser, where the machine has one; nothing is downloaded. */
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

/** The first of these programs on PATH, or what CHROME_PATH names; null where there is none. */
export function findBrowser(env: Readonly<Record<string, string | undefined>> = process.env): string | null {
  if (env.CHROME_PATH) return env.CHROME_PATH;
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(isProgram) ?? null;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Without the browser's own calls home, which a closed network would refuse one by one. */
export function launchBrowser(executablePath: string): Promise<Browser> {
  const quiet = ['--no-first-run', '--disable-background-networking', '--disable-component-update'];
  // Only pages of ours are opened; as root, as in a container, its own sandbox does not start.
  return chromium.launch({
    executablePath,
    args: [...quiet, '--disable-sync', '--disable-quic', '--no-sandbox'],
  });
}
