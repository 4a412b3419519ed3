import { Fault } from '../kernel/fault.ts';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../kernel/time.ts';

const UNIT_MS: Readonly<Record<string, number>> = { m: MINUTE_MS, h: HOUR_MS, d: DAY_MS };

/** The instant that lies `30m`, `8h` or `7d` ahead, in ISO 8601. Throws QueryInvalid with the option's name. */
export function instantAfter(option: string, span: string, nowMs: number): string {
  const [, count, unit] = /^([1-9]\d{0,4})([mhd])$/.exec(span) ?? [];
  if (count === undefined) throw new Fault('QueryInvalid', `${option} \`${span}\` is not valid: use 30m, 8h or 7d`);
  return new Date(nowMs + Number(count) * UNIT_MS[unit!]!).toISOString();
}
