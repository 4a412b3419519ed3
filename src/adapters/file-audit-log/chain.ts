import { createHmac, type KeyObject, timingSafeEqual } from 'node:crypto';

/** Where a chain of records stands: number and chain value of its last record; 0 and empty before the first one. */
export interface ChainEnd {
  readonly sequence: number;
  readonly chain: string;
}

export const CHAIN_START: ChainEnd = { sequence: 0, chain: '' };

/** What stands at the end of every line, in exactly this spelling. */
const SUFFIX = /,"tallylineChain":\{"sequence":(\d{1,15}),"chain":"([\w-]{43})"\}\}$/;

/** One line of the log: the record as it was written, and its link. */
export interface ChainedLine extends ChainEnd {
  /** JSON of the record alone. */
  readonly text: string;
}

/**
 * Adds a record to the chain: its value is HMAC-SHA256 over the value of the one before, its own number and its text. Who
 * does not have the key can neither write nor change a record, nor take one out, without every later value failing.
 */
export function chained(key: KeyObject, end: ChainEnd, text: string): ChainedLine {
  const sequence = end.sequence + 1;
  return { text, sequence, chain: chainValue(key, end.chain, sequence, text) };
}

/** The line without its end: the record, with the link as its last member. */
export function lineOf({ text, sequence, chain }: ChainedLine): string {
  return `${text.slice(0, -1)},"tallylineChain":{"sequence":${sequence},"chain":"${chain}"}}`;
}

/** Undefined when the line is none that `lineOf` wrote. */
export function readLine(line: string): ChainedLine | undefined {
  const match = SUFFIX.exec(line);
  return match ? { text: `${line.slice(0, match.index)}}`, sequence: Number(match[1]), chain: match[2]! } : undefined;
}

/** True when the line is what was written behind a record with the value `previous`. */
export function isChainedTo(key: KeyObject, previous: string, { text, sequence, chain }: ChainedLine): boolean {
  return timingSafeEqual(Buffer.from(chain), Buffer.from(chainValue(key, previous, sequence, text)));
}

function chainValue(key: KeyObject, previous: string, sequence: number, text: string): string {
  return createHmac('sha256', key).update(`record\n${previous}\n${sequence}\n${text}`).digest('base64url');
}
