import { Fault } from '../../kernel/fault.ts';

/**
 * SQLSTATE classes and codes that say that the database is not there for us now: connection exceptions, shutting down, out
 * of resources, waited too long. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const UNAVAILABLE = /^(?:08|53|57P|55P03|57014|25P03|25006)/;

/** The fault for an error of the driver; what is not about the connection is a bug and stays what it is. */
export function databaseFault(error: unknown): unknown {
  if (!(error instanceof Error) || error instanceof Fault) return error;
  const { code } = error as { readonly code?: unknown };
  const isOfServer = typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code);
  const isOfDriver = /timeout|terminated|Connection|ended|not queryable/i.test(error.message);
  const isUnavailable = isOfServer ? UNAVAILABLE.test(code) : typeof code === 'string' || isOfDriver;
  if (!isUnavailable) return error;
  return new Fault('StoreUnavailable', `the directory database does not answer: ${error.message || String(code)}`);
}
