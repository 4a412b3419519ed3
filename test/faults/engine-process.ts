import { readdirSync, readFileSync } from 'node:fs';
import type { TestServer } from '../server.ts';

/** The embedded engine's process: the server's only child. Undefined while it is being started again. */
export function enginePid(server: TestServer): number | undefined {
  const child = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .find((pid) => parentOf(pid) === server.process.pid);
  return child === undefined ? undefined : Number(child);
}

function parentOf(pid: string): number | undefined {
  try {
    const [state, parent] = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /s, '')
      .split(' ');
    return state === 'Z' ? undefined : Number(parent);
  } catch {
    return undefined;
  }
}
