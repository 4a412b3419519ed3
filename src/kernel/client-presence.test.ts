import { describe, expect, it } from 'vitest';
import { ClientPresence } from './client-presence.ts';

describe('a client that goes away', () => {
  it('is told to each listener once, and to none that was taken off', () => {
    const client = new ClientPresence();
    const told: string[] = [];
    const second = () => told.push('second');
    client.onGone(() => told.push('first'));
    client.onGone(second);
    client.onGone(() => told.push('third'));
    client.offGone(second);
    expect(client.isGone).toBe(false);
    client.leave();
    client.leave();
    expect(client.isGone).toBe(true);
    expect(told).toEqual(['first', 'third']);
  });

  it('aborts a signal that was asked for before, and one that is asked for afterwards', () => {
    const client = new ClientPresence();
    const before = client.gone;
    expect(before.aborted).toBe(false);
    client.leave();
    expect(before.aborted).toBe(true);
    expect(client.gone).toBe(before);
    const late = new ClientPresence();
    late.leave();
    expect(late.gone.aborted).toBe(true);
  });
});
