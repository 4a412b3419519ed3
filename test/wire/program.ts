import { spawn, spawnSync } from 'node:child_process';
import { accessSync, constants, realpathSync } from 'node:fs';
import { delimiter, join } from 'node:path';

export interface ProgramResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

type Environment = Readonly<Record<string, string>>;

/** Every program of that name on the PATH, in its order, then those at the extra places; each program once. */
export function programs(name: string, ...elsewhere: readonly string[]): string[] {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const found = [...folders.map((folder) => join(folder, name)), ...elsewhere].filter(isExecutable);
  return [...new Map(found.map((file) => [realpathSync(file), file])).values()];
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** What it prints; empty when it fails. */
export function said(file: string, ...args: readonly string[]): string {
  const { status, stdout } = spawnSync(file, args, { encoding: 'utf8', env: cleanEnvironment({}) });
  return status === 0 ? stdout.trim() : '';
}

/** Runs a program with none of the AWS settings of whoever runs the tests. */
export async function run(file: string, args: readonly string[], environment: Environment): Promise<ProgramResult> {
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'], env: cleanEnvironment(environment) });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
  });
  const status = await new Promise<number>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
  return { status, stdout, stderr };
}

function cleanEnvironment(environment: Environment): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !/^(AWS|BOTO)_/.test(name));
  const quiet = { AWS_EC2_METADATA_DISABLED: 'true', AWS_PAGER: '' };
  return { ...Object.fromEntries(inherited), ...quiet, ...environment };
}
