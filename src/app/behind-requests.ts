import { setPriority } from 'node:os';

const NICENESS = 5;

/** Lets requests go before the thread that asks for it: on one core a long computation would hold them up. Linux alone has it by thread. */
export function runBehindRequests(): void {
  if (process.platform === 'linux') setPriority(NICENESS);
}
