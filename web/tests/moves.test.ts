import { describe, expect, it } from 'vitest';
import { Moves } from '../src/state/moves';

describe('what moves now', () => {
  it('is measured against the price a minute ago, and against the oldest before that', () => {
    const moves = new Moves();
    expect(moves.share('A-USD', '100')).toBeNull();
    moves.add('A-USD', '100', 0);
    moves.add('A-USD', '101', 30_000);
    expect(moves.share('A-USD', '102')).toBe('0.020000');
    moves.add('A-USD', '202', 90_000);
    expect(moves.share('A-USD', '202')).toBe('1.000000');
  });

  it('is still where nothing was heard for long', () => {
    const moves = new Moves();
    moves.add('A-USD', '100', 0);
    moves.add('A-USD', '110', 5_000);
    moves.add('A-USD', '110', 100_000);
    expect(moves.share('A-USD', '110')).toBe('0.000000');
  });
});
