import { SamlRefused } from './saml-verifier.ts';

/** xs:dateTime with a time zone; SAML wants UTC (Core, section 1.3.3). */
const DATE_TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since the epoch, rounded down. Throws SamlRefused. */
export function readSamlTime(text: string): number {
  const [, seconds, fraction = '', zone] = DATE_TIME.exec(text) ?? [];
  const ms = Date.parse(`${seconds}${fraction.slice(0, 4)}${zone}`);
  if (Number.isNaN(ms)) throw new SamlRefused('form', `\`${text}\` is no time`);
  return ms;
}
