/** How numbers, times and tables look elsewhere in the world. */
import { afterEach, describe, expect, it } from 'vitest';
import { isAddress } from '../src/app/bech32';
import { SteadyClock } from '../src/app/clock';
import { group, useNumbersOf } from '../src/format/convention';
import { csv } from '../src/format/csv';
import { plainDecimal } from '../src/format/decimal';
import { compact, fixed, narrowPrice, narrowSize } from '../src/format/number';
import { shortAge, stopwatch, timeAs, untilFunding, useTimesOf, useZone, zoneLabel } from '../src/format/time';
import { closedPnl } from '../src/state/trades';
import { maxLeverage, search } from '../src/state/markets';

afterEach(() => {
  useNumbersOf('en-US');
  useZone('UTC');
  useTimesOf('en-GB');
});

describe('numbers', () => {
  it('take the separators and groups of a locale, digit for digit', () => {
    useNumbersOf('de-DE');
    expect(group('-1234567.891')).toBe('\u22121.234.567,891');
    expect(narrowPrice('0.0000100071123', '0.0000000000001')).toBe('0,0₄100071123');
    useNumbersOf('en-IN');
    expect(group('123456789012345678.5')).toBe('1,23,45,67,89,01,23,45,678.5');
    useNumbersOf('none');
    expect(group('1234567.891')).toBe('1234567.891');
    useNumbersOf('no such locale!');
    expect(group('1234.5')).toBe('1,234.5');
  });

  it('are short where only their order of size matters', () => {
    expect([
      compact('116450897.2'),
      compact('1002345'),
      compact('999'),
      compact('12.345'),
      compact('-2500000'),
    ]).toEqual(['116M', '1.00M', '999', '12.35', '\u22122.50M']);
  });

  it('leave digits of large sizes to the tooltip', () => {
    expect(narrowSize('500927.130846', '0.000001')).toBe('500,927.13');
    expect(narrowSize('45000', '10')).toBe('45.0K');
  });

  it('write out a grid told with an exponent', () => {
    expect([plainDecimal('1e-9'), plainDecimal('2.5E3'), plainDecimal('1.5e-2'), plainDecimal('x')]).toEqual([
      '0.000000001',
      '2500',
      '0.015',
      undefined,
    ]);
    expect(fixed('1e5', 2)).toBe('—');
  });
});

describe('times', () => {
  const instant = Date.parse('2026-11-29T00:41:07.250Z');

  it('stand in the zone that was chosen, and say which it is', () => {
    useZone('Asia/Kathmandu');
    expect(timeAs('clock', instant)).toBe('06:26:07');
    expect(zoneLabel(instant)).toBe('UTC+5:45');
    useZone('no/such zone');
    expect(zoneLabel(instant)).toBe('UTC');
    expect(timeAs('clock', 'nonsense')).toBe('—');
  });

  it('tell the hour apart that a night in Berlin has twice', () => {
    useZone('Europe/Berlin');
    const [summer, winter] = [Date.parse('2026-10-25T00:30:00Z'), Date.parse('2026-10-25T01:30:00Z')];
    expect([timeAs('minute', summer), timeAs('minute', winter)]).toEqual(['02:30', '02:30']);
    expect([zoneLabel(summer), zoneLabel(winter)]).toEqual(['UTC+2', 'UTC+1']);
  });

  it('count down to the full hour of UTC, whatever the zone', () => {
    useZone('Asia/Kolkata');
    expect(untilFunding(instant)).toBe('18:52');
    expect(untilFunding(Date.parse('2026-11-29T01:00:00Z'))).toBe('1:00:00');
  });

  it('are ages of one number and a letter', () => {
    expect([0, 59_000, 60_000, 7_200_000, 3 * 86_400_000].map(shortAge)).toEqual(['0s', '59s', '1m', '2h', '3d']);
    expect([stopwatch(17_400), stopwatch(3_723_000)]).toEqual(['00:17', '1:02:03']);
  });
});

describe('the steady clock', () => {
  it('sees a sleep that the browser’s own clock slept through, and ignores a clock that is merely wrong', () => {
    let [steady, wall] = [1_000, 900_000_000];
    const woke: number[] = [];
    const clock = new SteadyClock(
      () => steady,
      () => wall,
      (slept) => woke.push(slept),
    );
    const began = clock.now();
    [steady, wall] = [steady + 5_000, wall + 5_000];
    clock.check();
    expect(clock.now() - began).toBe(5_000);
    wall -= 3_600_000; // set back by an hour
    clock.check();
    expect([clock.now() - began, woke]).toEqual([5_000, []]);
    wall += 3_600_000 + 90_000; // slept for a minute and a half
    clock.check();
    expect([clock.now() - began, woke]).toEqual([95_000, [90_000]]);
  });
});

describe('tables as text', () => {
  it('keep every digit, quote what needs it, and leave nothing that a spreadsheet would run', () => {
    const rows = [['-0.000000001', 'a "b", c', '=1+1', null]];
    expect(csv(['x', 'y', 'z', 'w'], rows)).toBe('x,y,z,w\r\n-0.000000001,"a ""b"", c",\'=1+1,\r\n');
  });
});

describe('an address', () => {
  it('is one only where its checksum fits', () => {
    expect(isAddress('dydx1kwn8m40yc0t0s7glze30u25qcrnpkzm3v5tfyv')).toBe(true);
    expect(isAddress('dydx1kwn8m40yc0t0s7glze30u25qcrnpkzm3v5tfyw')).toBe(false);
    expect(isAddress('cosmos1kwn8m40yc0t0s7glze30u25qcrnpkzm3v5tfyv')).toBe(false);
  });
});

describe('what a fill earned', () => {
  const fill = { id: 'f', side: 'SELL', size: '2', price: '110', fee: '0.5' };

  it('is the fee alone where it opens, and the move from the entry where it closes', () => {
    expect(closedPnl({ ...fill, positionSizeBefore: '0' })).toBe('-0.5');
    const held = { positionSideBefore: 'LONG', positionSizeBefore: '1', entryPriceBefore: '100' };
    expect(Number(closedPnl({ ...fill, ...held }))).toBe(9.5);
    expect(closedPnl(fill)).toBeNull();
  });
});

describe('a market', () => {
  it('allows less leverage the more of its cap is used', () => {
    const market = {
      initialMarginFraction: '0.05',
      oraclePrice: '10',
      openInterest: '150',
      openInterestLowerCap: '1000',
      openInterestUpperCap: '2000',
    };
    expect(maxLeverage(market)).toEqual({ base: '20.0000', effective: '1.9048' });
    expect(maxLeverage({ ...market, openInterest: '10' })).toEqual({ base: '20.0000', effective: '20.0000' });
  });

  it('is found by its exact name first, then by its beginning, then anywhere', () => {
    expect(search(['WETH-USD', 'ETHFI-USD', 'ETH-USD', 'BTC-USD'], 'eth')).toEqual([
      'ETH-USD',
      'ETHFI-USD',
      'WETH-USD',
    ]);
  });
});
