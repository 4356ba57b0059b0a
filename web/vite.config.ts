import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';
import { defineConfig } from 'vitest/config';
import { compress } from './vite/compress.ts';

// `npm run dev` serves the page by itself and asks a gateway on its usual port for everything else.
const gateway = 'http://127.0.0.1:8000';
// What the first paint needs and later parts share: one file, so that the page is there after few requests.
const core =
  /node_modules.(preact|@preact)|client.src|src.main|src.(state|format|app).(?!bech32|csv|notices|vwap|moves|bars)|panels.(parts|Panel|rows|Later|Reconnect)\b/;
// What follows the first paint at once: together it is smaller than apart, for its parts say much the same.
const panels =
  /src.(panels.(Account|Feed|Spark|sorting|heat|EquityCurve|Chart|ChartLegend|chartBars|chartMarks|Depth|MarketFacts|Tables|DataTable|columns|Positions|Orders|Fills|Payments|Log|SignIn|Unlisted|Splitter|StatusBar|windows)|charts.look|format.csv|state.(notices|vwap|moves|bars))\b/;
const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

// Belt and braces: the gateway sends the header, and the file itself is as strict wherever it is served from.
const policy: Plugin = {
  name: 'content-security-policy',
  apply: 'build',
  transformIndexHtml: () => [
    {
      tag: 'meta',
      attrs: {
        'http-equiv': 'Content-Security-Policy',
        content: "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'none'",
      },
      injectTo: 'head-prepend',
    },
  ],
};

export default defineConfig({
  base: './',
  plugins: [policy, compress(here('./dist'))],
  resolve: { alias: { '@tidegate/client': here('./client/src/index.ts') } },
  build: {
    target: 'es2022',
    // The page must work under `default-src 'self'`: nothing inlined as a data: URL, no inline polyfill script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 250,
    license: { fileName: 'licenses.md' },
    rolldownOptions: {
      output: {
        codeSplitting: {
          groups: [
            { name: 'core', test: core },
            { name: 'panels', test: panels },
          ],
        },
      },
    },
  },
  server: {
    proxy: {
      '/ws': { target: gateway, ws: true },
      '/v4': { target: gateway, ws: true },
      '/config.json': gateway,
    },
  },
  test: {
    include: ['tests/**/*.test.ts', 'client/tests/**/*.test.ts'],
    environment: 'node',
    maxWorkers: 1,
  },
});
