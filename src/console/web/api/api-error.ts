/** What the server answered instead of a result, or that it could not be reached (`status` 0). */
export class ApiError extends Error {
  /** AWS's or Tallyline's code, such as `AccessDeniedException`. */
  readonly code: string;
  readonly status: number;

  constructor(code: string, message: string, status: number) {
    super(message);
    this.name = 'ApiError';
    this.code = code;
    this.status = status;
  }

  get isDenied(): boolean {
    return this.status === 403;
  }

  /** Asking again may help: the server was busy, broken or not there. */
  get isPassing(): boolean {
    return this.status === 0 || this.status === 429 || this.status >= 500;
  }
}

/** The error of an answer that is not 2xx; its body is `{"code", "message"}`, or whatever stood between answered. */
export async function apiErrorOf(response: Response): Promise<ApiError> {
  const body = (await response.json().catch(() => ({}))) as { code?: string; message?: string };
  return new ApiError(
    body.code ?? `Http${response.status}`,
    body.message ?? `the server answered with status ${response.status}`,
    response.status,
  );
}
