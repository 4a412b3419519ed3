/** An error in ClickHouse's form, which its clients read: `Code: 62. DB::Exception: text. (SYNTAX_ERROR)`. */
export class EngineError extends Error {
  override readonly name = 'EngineError';
  /** HTTP status. */
  readonly status: number;
  /** ClickHouse's number for the kind of error; absent when the engine gave none. */
  readonly code: number | undefined;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
    const code = /^Code: (\d+)\./.exec(message)?.[1];
    this.code = code === undefined ? undefined : Number(code);
  }
}

/** Errors that the endpoint itself answers with, by ClickHouse's name. */
const KINDS = {
  BAD_ARGUMENTS: { code: 36, status: 400 },
  SYNTAX_ERROR: { code: 62, status: 400 },
  TOO_LARGE_STRING_SIZE: { code: 131, status: 413 },
  TOO_MANY_SIMULTANEOUS_QUERIES: { code: 202, status: 503 },
  ABORTED: { code: 236, status: 503 },
  REQUIRED_PASSWORD: { code: 194, status: 401 },
  AUTHENTICATION_FAILED: { code: 516, status: 403 },
} as const;

export function engineError(kind: keyof typeof KINDS, text: string): EngineError {
  const { code, status } = KINDS[kind];
  return new EngineError(status, `Code: ${code}. DB::Exception: ${text}. (${kind})`);
}

/** Any error as one for the wire; what the engine throws starts with its code already. */
export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  return new EngineError(500, error instanceof Error ? error.message : String(error));
}
