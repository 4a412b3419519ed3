import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { readProfile } from '../../src/cli/profile.ts';
import type { ClientConfig } from './organisation.ts';

/** Arguments of Node for the program of these sources. */
export const TALLYLINE = [
  '--disable-warning=ExperimentalWarning',
  join(import.meta.dirname, '..', '..', 'src', 'main.ts'),
];

/** A server in a process of its own, as `tallyline serve` starts it. */
export interface ServerProcess {
  readonly endpoint: string;
  /** The administrator whose keys are in the data folder. */
  readonly admin: ClientConfig;
  /** Its exit code. */
  readonly stop: () => Promise<number>;
}

export async function startServerProcess(dataFolder: string, configFile: string): Promise<ServerProcess> {
  const args = [...TALLYLINE, 'serve', '--port', '0', '--data', dataFolder, '--config', configFile];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill('SIGKILL'));
  const exited = new Promise<number>((resolve) => child.once('exit', (code) => resolve(code ?? 1)));
  const endpoint = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      const [, url] = /^tallyline listening on (\S+)/.exec(line) ?? [];
      if (url) resolve(url);
    });
    void exited.then((code) => reject(new Error(`the server ended with ${code} before it listened`)));
  });
  const { region, accessKeyId, secretAccessKey } = readProfile(dataFolder, {});
  const admin = { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
  const stop = () => {
    child.kill('SIGTERM');
    return exited;
  };
  return { endpoint, admin, stop };
}
