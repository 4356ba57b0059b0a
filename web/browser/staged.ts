/** A browser and a gateway before its Indexer, which the tests of one file share. */
import { afterAll, afterEach, beforeAll } from 'vitest';
import { launch, leave, type Browser } from './browser';
import { Stage } from './gateway';

export interface Staged {
  readonly browser: Browser;
  readonly stage: Stage;
}

/** There for the tests of the suite that calls it; what one of them leaves open is closed before the next. */
export function staged(...given: Parameters<typeof Stage.start>): Staged {
  let browser: Browser;
  let stage: Stage;
  beforeAll(async () => {
    stage = await Stage.start(...given);
    browser = await launch();
  });
  afterEach(leave);
  afterAll(async () => {
    await browser?.close();
    await stage?.close();
  });
  return {
    get browser() {
      return browser;
    },
    get stage() {
      return stage;
    },
  };
}
