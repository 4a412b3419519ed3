import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { stringify } from 'yaml';
import type { ClientConfig } from '../examples/demo/organisation.ts';
import { plantDataFolder, scanDataFolder } from './secrets/data-folder.ts';
import { collectOutput, noteServer, plant } from './secrets/evidence.ts';

export interface TestServer {
  readonly url: string;
  readonly data: string;
  /** What every AWS SDK client takes, as the administrator. */
  readonly admin: ClientConfig;
  readonly process: ChildProcess;
  /** Everything the server printed. */
  readonly output: () => string;
  /** SIGTERM, then its exit code. */
  readonly stop: () => Promise<number>;
  readonly kill: () => Promise<void>;
}

export interface TestServerOptions {
  /** Merged into the configuration file. */
  readonly config?: object;
  /** Reuse the data folder of an earlier server; else a new one that is removed by `removeFolders`. */
  readonly data?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Tests wait again and again for the usage of a few calls, and not for eight tenths of a second as an installation does. */
const GATHER_MS = 200;

const folders: string[] = [];
/** Servers that a failed test left behind; none may outlive its test file. */
const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

export function temporaryFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `tallyline-${name}-`));
  folders.push(folder);
  return folder;
}

/** Data folders are looked through for secrets in the clear before they go. */
export function removeFolders(): void {
  for (const folder of folders.splice(0)) {
    scanDataFolder(folder);
    rmSync(folder, { recursive: true, force: true });
  }
}

export const MAIN = ['--disable-warning=ExperimentalWarning', join(import.meta.dirname, '..', 'src', 'main.ts')];

/** A real server in a process of its own, on a free port, as `tallyline serve` starts it. */
export async function startServer(options: TestServerOptions = {}): Promise<TestServer> {
  const data = options.data ?? temporaryFolder('test');
  const configFile = join(data, 'tallyline.yaml');
  writeFileSync(configFile, stringify({ logLevel: 'warn', gatherMs: GATHER_MS, ...options.config }));
  const child = spawn(process.execPath, [...MAIN, 'serve', '--port', '0', '--data', data, '--config', configFile], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  running.add(child);
  noteServer();
  for (const [name, value] of Object.entries(options.environment ?? {})) {
    // The id of an access key is no secret.
    if (!name.startsWith('NODE_') && !name.endsWith('ACCESS_KEY_ID')) plant(`the environment variable ${name}`, value);
  }
  child.once('exit', () => running.delete(child));
  let output = '';
  child.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
    collectOutput(chunk.toString());
  });
  const exited = new Promise<number>((resolve) =>
    child.once('exit', (code, signal) => resolve(code ?? (signal ? 128 : 1))),
  );
  const url = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      output += `${line}\n`;
      collectOutput(`${line}\n`);
      const [, listening] = /^tallyline listening on (\S+)/.exec(line) ?? [];
      if (listening) resolve(listening);
    });
    void exited.then((code) => reject(new Error(`the server ended with ${code} before it listened:\n${output}`)));
  });
  plantDataFolder(data);
  return {
    url,
    data,
    admin: adminOf(data, url),
    process: child,
    output: () => output,
    stop: () => {
      child.kill('SIGTERM');
      return exited;
    },
    kill: async () => {
      child.kill('SIGKILL');
      await exited;
    },
  };
}

/** The administrator's key is left with the first node of an installation; empty for the others. */
function adminOf(data: string, endpoint: string): ClientConfig {
  const file = join(data, 'aws', 'credentials');
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const value = (name: string) => new RegExp(`^${name} = (.*)$`, 'm').exec(text)?.[1] ?? '';
  const credentials = { accessKeyId: value('aws_access_key_id'), secretAccessKey: value('aws_secret_access_key') };
  return { endpoint, region: 'us-east-1', credentials };
}
