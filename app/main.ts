/** `npm run app`: registers the App where nobody has yet, starts it, and stops it gently. */
import path from 'node:path';
import { explain } from '../src/index.ts';
import { withEnvFile } from './env-file.ts';
import { isUnregistered, openSetup, setupOptions } from './setup.ts';
import { startApp } from './start.ts';

const envFile = path.resolve('.env');
const tell = (line: string): void => void process.stderr.write(`${line}\n`);
let close = async (): Promise<boolean> => true;
const stop = (): void => {
  // Who asks twice does not want to wait.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
  void close().then((isDone) => process.exit(isDone ? 0 : 1));
};
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
try {
  const env = withEnvFile(process.env, envFile);
  if (isUnregistered(env)) {
    const setup = await openSetup({ ...setupOptions(env), envFile, tell });
    close = async () => {
      await setup.close();
      return true;
    };
    await setup.registered;
    await setup.close();
    tell(`The App is registered; its credentials are in ${envFile}.`);
  }
  const app = await startApp({ env: withEnvFile(process.env, envFile) });
  close = app.close;
} catch (error) {
  tell(explain(error));
  process.exit(2);
}
