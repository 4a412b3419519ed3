import type { ClientPresence } from '../kernel/client-presence.ts';

/** One HTTP request as it arrived, before anything is decoded. */
export interface WireRequest {
  readonly method: string;
  /** Path exactly as received: percent-encoding untouched, because SigV4 signs it and labels are split on it. */
  readonly path: string;
  /** Query string without `?`, as received; empty when there is none. */
  readonly query: string;
  /** Lower-case names; repeated fields joined with `, `. HTTP/2 keeps `:authority`. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly httpVersion: '1.1' | '2';
  readonly isTls: boolean;
  /** What TLS agreed on; absent in clear text, and where it is not known. */
  readonly tls?: { readonly tlsVersion: string; readonly cipherSuite: string };
  readonly sourceIp: string;
  readonly receivedAtMs: number;
  /** Gone when it goes away before the answer is complete. */
  readonly client: ClientPresence;
}

/** One HTTP answer. A stream is written as it comes; the adapter applies back-pressure. */
export interface WireResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | string | AsyncIterable<Uint8Array>;
}
