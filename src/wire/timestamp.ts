const EPOCH_SECONDS = /^-?\d+(?:\.\d+)?$/;
const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)$/;
const HTTP_DATE = /^[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT$/;

/**
 * Reads every form that clients send, wherever it stands: epoch seconds as number or text, ISO 8601, and the HTTP date.
 * Undefined when it is none of them.
 */
export function parseTimestamp(value: unknown): Date | undefined {
  let date: Date | undefined;
  if (typeof value === 'number' || (typeof value === 'string' && EPOCH_SECONDS.test(value))) {
    date = new Date(Math.round(Number(value) * 1000));
  } else if (typeof value === 'string' && (DATE_TIME.test(value) || HTTP_DATE.test(value))) {
    date = new Date(value);
  }
  return date && Number.isNaN(date.getTime()) ? undefined : date;
}

/** `2023-11-14T18:02:02.371Z`; whole seconds without a fraction. */
export function formatDateTime(date: Date): string {
  return date.toISOString().replace('.000Z', 'Z');
}
