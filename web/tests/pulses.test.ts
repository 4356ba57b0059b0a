import { describe, expect, it } from 'vitest';
import { Pulses } from '../src/state/pulses';

const row = (value: string) => [['100', value] as const];

describe('pulses', () => {
  it('tell what changed where it stands, and nothing of what came or went', () => {
    const pulses = new Pulses();
    expect(pulses.take([['100', '1'] as const, ['101', '1'] as const], 0).size).toBe(0);
    expect([...pulses.take([['100', '2'] as const, ['102', '1'] as const], 100)]).toEqual(['100']);
    expect(pulses.take([['101', '5'] as const], 200).size).toBe(0);
    expect(pulses.take(row('2'), 300).size).toBe(0);
  });

  it('stand for a moment', () => {
    const pulses = new Pulses();
    pulses.take(row('1'), 0);
    expect([100, 399, 400].map((now) => pulses.take(row('2'), now).size)).toEqual([1, 1, 0]);
  });

  it('fall silent for a row that changes more than ten times a second, and only for as long', () => {
    const pulses = new Pulses();
    const flashes = (from: number, every: number, count: number): number => {
      let flashed = 0;
      for (let at = 0; at < count; at++) flashed += pulses.take(row(`${from} ${at}`), from + at * every).size;
      return flashed;
    };
    pulses.take(row('first'), 0);
    expect(flashes(1_000, 100, 20)).toBe(20);
    expect(flashes(10_000, 50, 40)).toBe(10);
    expect(flashes(20_000, 100, 20)).toBe(20);
  });
});
