#!/usr/bin/env node
// Starts the command line on the Node 24 that is installed with the package: the sources are TypeScript, which Node 24
// runs as they are, and they need node:sqlite. The host's own Node may be older.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));

function node24() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const installed = createRequire(import.meta.url).resolve('node/package.json');
  return join(dirname(installed), 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
}

// Compiled sources are kept for the next start: a third of the time. Where the folder cannot be made, Node goes without.
const cache = process.env.NODE_COMPILE_CACHE ?? join(homedir(), '.cache', 'tallyline');
/**
 * A server's flags, with which the benchmark starts it as well; a command would only start later. How much each is worth:
 * docs/decisions/2026-11-30-cost-of-a-call.md. Large pages are for Node's own code. With pretenuring V8 makes objects that lived
 * long at first among the old ones from then on, and what they hold outlives every collection of young objects. A pool of size
 * 0 is one of as many threads as there are processors to use: of four threads on one, each waits for the others. The reducer of
 * memory collects and gives back what the next calls need again a few seconds later. Collections are exposed so that young
 * objects can be collected between calls (`src/adapters/http-server/quiet-collection.ts`).
 */
function nodeFlags() {
  const flags = JSON.parse(readFileSync(new URL('server-flags.json', import.meta.url), 'utf8'));
  if (process.argv[2] !== 'serve') return flags.everywhere;
  return [...flags.everywhere, ...flags.serve, ...(process.platform === 'linux' ? flags.serveOnLinux : [])];
}

const child = spawn(node24(), [...nodeFlags(), main, ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, NODE_COMPILE_CACHE: cache },
});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('exit', (code, signal) => {
  if (signal) {
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  } else process.exit(code ?? 1);
});
