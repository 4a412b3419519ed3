import { describe, expect, it } from 'vitest';
import { CallerTurns } from './caller-turns.ts';

const ALICE = 'arn:aws:iam::123456789012:user/alice';
const BOB = 'arn:aws:iam::123456789012:user/bob';

/** Work that ends when it is told to. */
function held() {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const work = (name: string) => () => {
    begun.push(name);
    return new Promise<string>((resolve) => ends.set(name, () => resolve(name)));
  };
  return { begun, work, end: (name: string) => ends.get(name)!() };
}

describe('turns of callers', () => {
  it('run so many at once, the others in their order, and refuse what is too much', async () => {
    const turns = new CallerTurns({ runningMax: 2, waitingMax: 2 });
    const { begun, work, end } = held();
    const answers = ['a', 'b', 'c', 'd'].map((name) => turns.run(ALICE, work(name)));
    await expect(turns.run(ALICE, work('e'))).rejects.toMatchObject({ code: 'ThrottlingException' });
    expect(begun).toEqual(['a', 'b']);
    end('b');
    await answers[1];
    const last = turns.run(ALICE, work('f'));
    end('a');
    await answers[0];
    expect(begun).toEqual(['a', 'b', 'c', 'd']);
    for (const [index, name] of ['c', 'd'].entries()) {
      end(name);
      expect(await answers[index + 2]).toBe(name);
    }
    end('f');
    expect(await last).toBe('f');
  });

  it('keep nobody waiting for another', async () => {
    const turns = new CallerTurns({ runningMax: 1, waitingMax: 1 });
    const { work, end } = held();
    const mine = [turns.run(ALICE, work('a')), turns.run(ALICE, work('b'))];
    expect(await turns.run(BOB, () => 'answered')).toBe('answered');
    end('a');
    await mine[0];
    end('b');
    await mine[1];
  });

  it('come back from work that fails', async () => {
    const turns = new CallerTurns({ runningMax: 1, waitingMax: 0 });
    const failing = () => Promise.reject(new Error('the store is down'));
    for (let count = 0; count < 3; count++) await expect(turns.run(ALICE, failing)).rejects.toThrow('is down');
    expect(await turns.run(ALICE, () => 'well')).toBe('well');
  });
});
