import { join } from 'node:path';
import { defineConfig } from 'vitest/config';
import { SlowestFirst } from './test/test-order.ts';

// biome-ignore lint/style/noDefaultExport: vitest reads its configuration from the default export
export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'system', include: ['test/**/*.test.ts'] } },
      // Tests of one module each share their process and what it imports: half of their processor time.
      { extends: true, test: { name: 'unit', include: ['src/**/*.test.ts'], isolate: false } },
    ],
    // Fails the run when a secret stands in anything that a server printed or kept.
    // Then: a browser, the console's pages, and a place for the demo's organisation.
    globalSetup: ['test/secrets/run-scan.ts', 'test/console/prepare.ts', 'test/console/demo-data.ts'],
    // One more than the two cores: tests wait for servers, stores and timers a quarter of their time.
    maxWorkers: 3,
    sequence: { sequencer: SlowestFirst },
    // Servers and commands that tests start share what Node compiled, as an installation's do: a third of their starts.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'node_modules', '.cache', 'compiled') },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
