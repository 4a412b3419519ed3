import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { MAIN, temporaryFolder } from '../server.ts';
import { noteErrorBody } from './secret-watch.ts';

export interface FailedStart {
  /** Exit code; the name of the signal when it had to be killed. */
  readonly exit: number | string | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** How long `serve` may take to find out that it cannot. */
const GIVE_UP_MS = 30_000;

/** Runs `tallyline serve` where it is expected to end by itself. */
export async function failedStart(
  data: string,
  options: {
    readonly config?: string;
    readonly arguments?: readonly string[];
    readonly environment?: Readonly<Record<string, string>>;
  } = {},
): Promise<FailedStart> {
  const config = options.config === undefined ? [] : ['--config', configFile(options.config)];
  const given = options.arguments ?? ['--port', '0'];
  const child = spawn(process.execPath, [...MAIN, 'serve', '--data', data, ...config, ...given], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...options.environment },
  });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), GIVE_UP_MS);
  const exit = await new Promise<number | string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  clearTimeout(timer);
  noteErrorBody(stdout + stderr);
  return { exit, stdout, stderr };
}

/** A file of its own for each text. */
function configFile(text: string): string {
  const path = join(temporaryFolder('config'), 'tallyline.yaml');
  writeFileSync(path, text);
  return path;
}

/** How `serve` ends when it says why it cannot start: one lower-case sentence, exit code 1, and nothing else. */
export function refusedWith(sentence: string | RegExp): FailedStart {
  const text = typeof sentence === 'string' ? sentence : sentence.source;
  const pattern = typeof sentence === 'string' ? text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&') : text;
  return { exit: 1, stdout: '', stderr: expect.stringMatching(new RegExp(`^tallyline: ${pattern}\n$`)) };
}
