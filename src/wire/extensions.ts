import type { WireRequest } from './exchange.ts';

/** `on`: the request may use what Tallyline adds to the service's model. */
const EXTENSIONS_HEADER = 'x-tallyline-extensions';
/** The same for clients that cannot send a header: what the AWS CLI and SDKs make of `AWS_SDK_UA_APP_ID`. */
const EXTENSIONS_APP = /(?:^| )app\/tallyline-extensions(?: |$)/;

/** False for clients that know nothing of Tallyline: they get the service as AWS has it, its errors included. */
export function asksForExtensions({ headers }: WireRequest): boolean {
  return headers[EXTENSIONS_HEADER] === 'on' || EXTENSIONS_APP.test(headers['user-agent'] ?? '');
}
