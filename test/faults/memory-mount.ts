import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A file system of its own size, in memory, over an empty folder. Throws where mounting is not permitted. */
export function mountMemory(folder: string, size: string, ...options: readonly string[]): void {
  execFileSync('mount', ['-t', 'tmpfs', '-o', [`size=${size}`, ...options].join(','), 'tmpfs', folder], {
    stdio: 'pipe',
  });
}

/** Gives a mounted file system more room. */
export function resizeMemory(folder: string, size: string): void {
  execFileSync('mount', ['-o', `remount,size=${size}`, folder], { stdio: 'pipe' });
}

export function unmount(folder: string): void {
  execFileSync('umount', [folder], { stdio: 'pipe' });
}

/** Whether this process may mount; tests that need it say loudly that they were left out. */
export const canMount = tryMount();

function tryMount(): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'tallyline-mount-'));
  try {
    mountMemory(folder, '1m');
    unmount(folder);
    return true;
  } catch {
    console.warn('NOT TESTED: full and read-only disks, because this process may not mount a tmpfs');
    return false;
  } finally {
    rmdirSync(folder);
  }
}
