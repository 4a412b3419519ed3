/** What one report may use; it is stopped at the limit. */
export interface QueryLimits {
  /** Default 60 s. */
  readonly queryTimeoutMs: number;
  /** For streamed exports. Default 15 minutes. */
  readonly streamTimeoutMs: number;
  /** In the server, for one query. Default 1 GiB. */
  readonly queryMemoryBytes: number;
  /** Result of `query`, uncompressed. Default 128 MiB. */
  readonly resultBytes: number;
  /** Result of `stream`, uncompressed; the embedded engine keeps it in a file meanwhile. Default 32 GiB. */
  readonly streamBytes: number;
}

export const DEFAULT_LIMITS: QueryLimits = {
  queryTimeoutMs: 60_000,
  streamTimeoutMs: 900_000,
  queryMemoryBytes: 2 ** 30,
  resultBytes: 2 ** 27,
  streamBytes: 2 ** 35,
};
