import { ClickHouseError } from '@clickhouse/client';
import { Fault } from '../../kernel/fault.ts';

/** Codes that say the store cannot serve now; the same request may succeed later. Names as in ClickHouse's ErrorCodes.cpp. */
const UNAVAILABLE = new Set([
  '202', // TOO_MANY_SIMULTANEOUS_QUERIES
  '209', // SOCKET_TIMEOUT
  '210', // NETWORK_ERROR
  '236', // ABORTED
  '241', // MEMORY_LIMIT_EXCEEDED
  '242', // TABLE_IS_READ_ONLY
  '243', // NOT_ENOUGH_SPACE
  '252', // TOO_MANY_PARTS
  '319', // UNKNOWN_STATUS_OF_INSERT
  '394', // QUERY_WAS_CANCELLED
  '425', // SYSTEM_ERROR
  '516', // AUTHENTICATION_FAILED
  '999', // KEEPER_EXCEPTION
]);

/** Codes that say a report asks for more than one query may use. */
const TOO_HEAVY = new Set([
  '158', // TOO_MANY_ROWS
  '159', // TIMEOUT_EXCEEDED
  '160', // TOO_SLOW
  '241', // MEMORY_LIMIT_EXCEEDED
  '307', // TOO_MANY_BYTES
  '396', // TOO_MANY_ROWS_OR_BYTES
]);

/** How Node and the client name a connection that failed. */
const CONNECTION_FAILED =
  /^(ECONN|EPIPE|ETIMEDOUT|EHOST|ENET|ENOTFOUND|EAI_AGAIN|ERR_STREAM_PREMATURE_CLOSE|ERR_STREAM_DESTROYED)/;
const CLIENT_TIMEOUT = 'Timeout error.';

/** What to throw for a failed write or schema change: StoreUnavailable when trying again can help, else the error, a bug. */
export function writeFault(error: unknown): unknown {
  if (isConnectionFailure(error)) return unavailable(error);
  if (error instanceof ClickHouseError && UNAVAILABLE.has(error.code)) return unavailable(error);
  return error;
}

/** As `writeFault`, and QueryInvalid for a query that was stopped at a limit. */
export function readFault(error: unknown): unknown {
  if (error instanceof ClickHouseError && TOO_HEAVY.has(error.code)) {
    return new Fault(
      'QueryInvalid',
      `the report needs more than one query may use (${error.type}); narrow the range or group by less`,
    );
  }
  return writeFault(error);
}

function isConnectionFailure(error: unknown): error is Error {
  if (!(error instanceof Error)) return false;
  return CONNECTION_FAILED.test((error as NodeJS.ErrnoException).code ?? '') || error.message === CLIENT_TIMEOUT;
}

/** The engine's own words may quote rows, so only its name for the error goes on. */
function unavailable(error: Error): Fault {
  const reason =
    error instanceof ClickHouseError ? error.type : ((error as NodeJS.ErrnoException).code ?? error.message);
  return new Fault('StoreUnavailable', `the cost store does not answer (${reason}); try again in a moment`);
}
