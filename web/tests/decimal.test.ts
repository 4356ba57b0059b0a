import { describe, expect, it } from 'vitest';
import * as decimal from '../src/format/decimal';

describe('decimal strings', () => {
  it('compare by value, however they are spelt and however long they are', () => {
    expect(decimal.compare('10', '9')).toBeGreaterThan(0);
    expect(decimal.compare('0.10', '0.1')).toBe(0);
    expect(decimal.compare('-0', '0.00')).toBe(0);
    expect(decimal.compare('-2', '-10')).toBeGreaterThan(0);
    expect(decimal.compare('-1', '0.5')).toBeLessThan(0);
    expect(decimal.compare('0.000000001', '0.0000000011')).toBeLessThan(0);
    expect(decimal.compare('123456789012345678901234567890.1', '123456789012345678901234567890.2')).toBeLessThan(0);
  });

  it('agree with plain numbers wherever those are exact', () => {
    const values = [-12, -1.5, -0.25, 0, 0.125, 1, 1.5, 2, 99.75, 100, 1024];
    for (const a of values)
      for (const b of values) {
        expect(Math.sign(decimal.compare(String(a), String(b)))).toBe(Math.sign(a - b));
        expect(Number(decimal.add(String(a), String(b)))).toBe(a + b);
        expect(Number(decimal.subtract(String(a), String(b)))).toBe(a - b);
        expect(Number(decimal.multiply(String(a), String(b)))).toBeCloseTo(a * b, 10);
      }
  });

  it('round half away from zero, to any number of places', () => {
    expect(decimal.round('2.345', 2)).toBe('2.35');
    expect(decimal.round('-2.345', 2)).toBe('-2.35');
    expect(decimal.round('0.9999', 2)).toBe('1.00');
    expect(decimal.round('7', 3)).toBe('7.000');
    expect(decimal.round('7.4', 0)).toBe('7');
  });

  it('divide with the places asked for, and never by zero', () => {
    expect(decimal.divide('1', '3', 6)).toBe('0.333333');
    expect(decimal.divide('-2', '3', 2)).toBe('-0.67');
    expect(decimal.divide('1', '0.00', 2)).toBeNull();
  });

  it('accept plain decimals alone', () => {
    for (const good of ['0', '-0', '12.50', '000.1']) expect(decimal.isDecimal(good)).toBe(true);
    for (const bad of ['', '1e-9', '.5', '5.', 'NaN', '+1', ' 1', null, 3]) expect(decimal.isDecimal(bad)).toBe(false);
  });
});
