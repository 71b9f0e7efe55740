/** `npm run app`: starts the App and stops it gently. */
import { explain } from '../src/index.ts';
import { startApp } from './start.ts';

try {
  const app = await startApp({ env: process.env });
  const stop = (): void => void app.close().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 2;
}
