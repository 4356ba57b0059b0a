import { describe, expect, it } from 'vitest';
import { Latency } from '../src/state/latency';

describe('the time to the glass', () => {
  it('is a median for each five seconds, so that one late frame does not show', () => {
    const latency = new Latency();
    [12, 900, 14, 13, 11].forEach((taken, at) => latency.add(taken, at * 1_000));
    expect(latency.newest).toBeNull();
    latency.add(12, 5_000);
    expect(latency.medians).toEqual([13]);
  });

  it('is kept for five minutes', () => {
    const latency = new Latency();
    for (let second = 0; second <= 600; second++) latency.add(second, second * 1_000);
    expect(latency.medians).toHaveLength(60);
    expect(latency.newest).toBeGreaterThan(590);
  });
});
