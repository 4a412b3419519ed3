import { describe, expect, it } from 'vitest';
import { change, compact, money, percent } from './amounts.ts';
import { add, compare, divide, grouped, plain, round, significant, subtract } from './decimal.ts';

describe('decimal text', () => {
  it('adds and subtracts without a float in between', () => {
    expect(add('0.1', '0.2')).toBe('0.3');
    expect(add('9007199254740993', '0.000000000001')).toBe('9007199254740993.000000000001');
    expect(subtract('1', '1.000000000001')).toBe('-0.000000000001');
    expect(add()).toBe('0');
  });

  it('reads exponents, as JSON writes small numbers', () => {
    expect(plain('1.2e-7')).toBe('0.00000012');
    expect(plain(1e-7)).toBe('0.0000001');
    expect(plain('3E3')).toBe('3000');
  });

  it('rounds half away from zero', () => {
    expect(round('1.005', 2)).toBe('1.01');
    expect(round('-1.005', 2)).toBe('-1.01');
    expect(round('2', 2)).toBe('2.00');
    expect(significant('0.000123456', 3)).toBe('0.000123');
    expect(significant('123456', 3)).toBe('123456');
    expect(divide('1', '3', 4)).toBe('0.3333');
    expect(divide('-2', '3', 4)).toBe('-0.6667');
    expect(divide('1', '0', 4)).toBeUndefined();
  });

  it('orders', () => {
    expect(['10', '9.99', '-1'].sort(compare)).toEqual(['-1', '9.99', '10']);
  });

  it('groups digits', () => {
    expect(grouped('1234567.1234')).toBe('1,234,567.1234');
    expect(grouped('-123')).toBe('-123');
  });
});

describe('amounts', () => {
  it('shows cents, and more of what is smaller', () => {
    expect(money('1234.567')).toBe('$1,234.57');
    expect(money('0.000419')).toBe('$0.00042');
    expect(money('0')).toBe('$0.00');
    expect(money('-3')).toBe('−$3.00');
    expect(money('0.0693', { code: 'USD', rate: '1', precision: 'exact' })).toBe('$0.0693');
    expect(money('2', { code: 'EUR', rate: '0.92', precision: 'cents' })).toBe('€1.84');
  });

  it('shortens', () => {
    expect(compact('1234567')).toBe('1.23M');
    expect(compact('999')).toBe('999');
    expect(compact('-1500')).toBe('−1.5K');
  });

  it('has no percentage of nothing', () => {
    expect(percent('1', '0')).toBeUndefined();
    expect(percent('1', '8')).toBe('12.5 %');
    expect(change('3', '0')).toEqual({ direction: 'up', difference: '3' });
    expect(change('3', '2')).toEqual({ direction: 'up', difference: '1', percent: '+50.0 %' });
  });
});
