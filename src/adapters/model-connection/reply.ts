export type ReplyHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** A reply that has come to its end. */
export interface Reply {
  readonly status: number;
  /** Lower-case names. */
  readonly headers: ReplyHeaders;
  readonly body: Buffer;
}
