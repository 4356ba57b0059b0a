import { describe, expect, it } from 'vitest';
import * as number from '../src/format/number';
import { age, shortAddress } from '../src/format/time';

describe('numbers on the page', () => {
  it('stand on the grid of their market', () => {
    expect(number.onGrid('64012.4', '1')).toBe('64,012');
    expect(number.onGrid('3122.1', '0.10')).toBe('3,122.1');
    expect(number.onGrid('0.0000101', '0.0000000001')).toBe('0.0000101000');
    expect(number.onGrid('5', undefined)).toBe('5');
  });

  it('fit narrow columns: counted zeros, six digits of an average, no fraction of millions', () => {
    expect(number.narrowPrice('0.0000100000017', '0.0000000000001')).toBe('0.0₄100000017');
    expect(number.narrowPrice('-0.00000000000012', undefined)).toBe('\u22120.0₁₂12');
    expect(number.narrowPrice('0.0001', '0.0001')).toBe('0.0001');
    expect(number.narrowPrice('0.00000', undefined)).toBe('0.00000');
    expect(number.narrowAverage('0.006605934412345', '0.0000000000001')).toBe('0.00660593');
    expect(number.narrowAverage('61240.4', '1')).toBe('61,240');
    expect(number.narrowSize('30657324.50202')).toBe('30,657,325');
    expect(number.narrowSize('0.014', '0.0001')).toBe('0.0140');
    expect(number.narrowSize('999999.5')).toBe('999,999.5');
  });

  it('keep every digit where none has to go', () => {
    expect(number.plain('123456789012345678.123456789')).toBe('123,456,789,012,345,678.123456789');
  });

  it('show money to the cent, and small money by its digits', () => {
    expect(number.dollars('1234567.891')).toBe('1,234,567.89');
    expect(number.dollars('-0.00341')).toBe('\u22120.0034');
    expect(number.dollars('0.000050')).toBe('0.00005');
    expect(number.dollars('0')).toBe('0.00');
    expect(number.dollars('-0.0')).toBe('0.00');
  });

  it('tell nothing from zero', () => {
    expect(number.dollars(null)).toBe('—');
    expect(number.percent(undefined)).toBe('—');
    expect(number.times('')).toBe('—');
    expect(number.percent('0')).toBe('0.00 %');
  });

  it('show percent, leverage and direction', () => {
    expect(number.percent('0.210881234567')).toBe('21.09 %');
    expect(number.percent('0.0000125', 5)).toBe('0.00125 %');
    expect(number.times('2.104')).toBe('2.10×');
    expect(number.signed('5', '5.00')).toBe('+5.00');
    expect(number.signed('0', '0.00')).toBe('0.00');
    expect([number.direction('1'), number.direction('-1'), number.direction('0'), number.direction(null)]).toEqual([
      'up',
      'down',
      '',
      '',
    ]);
  });
});

describe('times on the page', () => {
  it('are told in the unit a person would use', () => {
    expect(age(-5)).toBe('0 s');
    expect(age(7_900)).toBe('7 s');
    expect(age(200_000)).toBe('3 min');
    expect(age(3 * 3_600_000)).toBe('3 h');
  });

  it('addresses are shortened in the middle', () => {
    expect(shortAddress('dydx1qwertyuiopasdfghjkl')).toBe('dydx1qwe…hjkl');
    expect(shortAddress('dydx1short')).toBe('dydx1short');
  });
});
