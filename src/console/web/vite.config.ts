import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, loadEnv, type Plugin } from 'vite';

const OUTPUT = join(import.meta.dirname, '../../../dist/console');

/** Smaller files gain nothing: an answer takes one packet anyway. */
const MIN_COMPRESSED_BYTES = 1_024;

/** `x.js.br` and `x.js.gz` beside `x.js`, so that the server compresses nothing at run time. */
function precompress(): Plugin {
  return {
    name: 'precompress',
    apply: 'build',
    closeBundle() {
      for (const file of readdirSync(OUTPUT, { recursive: true, encoding: 'utf8' })) {
        if (!/\.(js|css|html|svg)$/.test(file)) continue;
        const bytes = readFileSync(join(OUTPUT, file));
        if (bytes.length < MIN_COMPRESSED_BYTES) continue;
        writeFileSync(join(OUTPUT, `${file}.br`), brotliCompressSync(bytes));
        writeFileSync(join(OUTPUT, `${file}.gz`), gzipSync(bytes, { level: 9 }));
      }
    },
  };
}

// biome-ignore lint/style/noDefaultExport: vite reads its configuration from the default export
export default defineConfig(({ mode }) => ({
  root: import.meta.dirname,
  base: '/console/',
  plugins: [react(), precompress()],
  build: {
    outDir: OUTPUT,
    emptyOutDir: true,
    sourcemap: false,
    target: 'es2023',
    // The content security policy takes no inline script, and every browser that runs this knows modulepreload.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    // The charts' engine is one chunk that only pages with charts load.
    chunkSizeWarningLimit: 700,
    reportCompressedSize: false,
  },
  server: {
    // `TALLYLINE_SERVER=http://127.0.0.1:4280 npm run dev:console`
    proxy: { '/api': loadEnv(mode, '.', 'TALLYLINE_').TALLYLINE_SERVER ?? 'http://127.0.0.1:4280' },
  },
}));
