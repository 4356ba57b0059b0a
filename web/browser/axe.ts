/** What axe finds against WCAG 2.2 A and AA. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const source = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** As readable lines, each with the state that it was found in. */
export async function violations(page: Page, where: string): Promise<string[]> {
  await page.evaluate(source);
  const found = await page.evaluate(async () => {
    interface Finding {
      id: string;
      nodes: { target: string[]; failureSummary?: string }[];
    }
    const { axe } = window as unknown as { axe: { run: (...rest: unknown[]) => Promise<{ violations: Finding[] }> } };
    const values = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
    const only = { runOnly: { type: 'tag', values }, resultTypes: ['violations'] };
    const { violations } = await axe.run(document, only);
    return violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target, failureSummary }) => `${id}: ${target.join(' ')} ${failureSummary ?? ''}`),
    );
  });
  return found.map((line) => `${where}: ${line}`);
}
