/** What the page costs the browser: nodes, listeners and memory after a collection, and bytes on their way to it. */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Page } from 'playwright-core';
import { executable } from './gateway';

export interface Cost {
  nodes: number;
  listeners: number;
  /** Bytes of the heap in use. */
  heap: number;
}

/** Counted after a collection, so that only what is held counts. */
export async function cost(page: Page): Promise<Cost> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  // Finalizers of the first run free what the second can collect.
  for (let runs = 0; runs < 2; runs++) await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  const of = (name: string): number => metrics.find((metric) => metric.name === name)?.value ?? 0;
  const { usedSize } = await session.send('Runtime.getHeapUsage');
  await session.detach();
  return { nodes: of('Nodes'), listeners: of('JSEventListeners'), heap: usedSize };
}

/** Bytes as gzip, of what the first paint needs and of all scripts, as they lie beside the executable. */
export function weight(): { first: number; scripts: number } {
  const site = join(dirname(executable), 'wwwroot');
  const packed = (path: string): number => gzipSync(readFileSync(join(site, path)), { level: 9 }).length;
  const sum = (paths: string[]): number => paths.reduce((total, path) => total + packed(path), 0);
  const html = readFileSync(join(site, 'index.html'), 'utf8');
  const first = [...html.matchAll(/(?:src|href)="\.\/(assets\/[^"]+)"/g)].map((match) => match[1]!);
  const scripts = readdirSync(join(site, 'assets')).filter((name) => name.endsWith('.js'));
  return { first: sum(['index.html', ...first]), scripts: sum(scripts.map((name) => `assets/${name}`)) };
}
