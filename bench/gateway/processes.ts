import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';

const TICKS_PER_SECOND = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));

/** Starts a command pinned to one processor and waits until its port answers. */
export async function startPinned(
  cpu: number,
  command: readonly string[],
  port: number,
  env: object = {},
): Promise<ChildProcess> {
  const child = spawn('taskset', ['-c', String(cpu), ...command], {
    stdio: ['ignore', 'ignore', process.env.BENCH_VERBOSE ? 'inherit' : 'ignore'],
    env: { ...process.env, ...env },
  });
  for (let tries = 0; tries < 300; tries++) {
    if (await answers(port)) return child;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`nothing listens on port ${port}: ${command.join(' ')}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(!!socket.destroy()));
    socket.on('error', () => resolve(false));
  });
}

/** CPU seconds (user and system) that a process has used; its children apart. */
export interface CpuSeconds {
  readonly own: number;
  readonly children: number;
}

export function cpuSeconds(pid: number): CpuSeconds {
  return {
    own: ticks(pid) / TICKS_PER_SECOND,
    children: childrenOf(pid).reduce((sum, child) => sum + ticks(child), 0) / TICKS_PER_SECOND,
  };
}

export function residentMegabytes(pid: number): { own: number; children: number } {
  const resident = (one: number) =>
    Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${one}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  return { own: resident(pid), children: childrenOf(pid).reduce((sum, child) => sum + resident(child), 0) };
}

function ticks(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
    .replace(/^.*\) /, '')
    .split(' ');
  return Number(fields[11]) + Number(fields[12]);
}

function childrenOf(pid: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((candidate) => {
      try {
        return (
          Number(
            readFileSync(`/proc/${candidate}/stat`, 'utf8')
              .replace(/^.*\) /, '')
              .split(' ')[1],
          ) === pid
        );
      } catch {
        return false;
      }
    });
}
