import type { Admission } from '../../metering/usage-event.ts';

const EARLIER = {
  resourceTags: [],
  accountTags: [],
  isBatch: false,
  attemptOf: '',
  isRepeat: false,
  upstreamRequestId: '',
  upstreamPrincipalArn: '',
  isGatewayPrincipal: false,
};

const MEMBERS = Object.keys(EARLIER);

/** The call in a record's payload. What records of earlier versions do not have was so for every call of theirs. */
export function callIn<Call extends Admission>(payload: Buffer): Call {
  const call = JSON.parse(payload.toString('utf8'));
  return MEMBERS.every((member) => member in call) ? call : { ...EARLIER, ...call };
}

/** How records begin: the id is a call's first member, so that a start need not read the rest of every record. */
const BEGIN = '{"requestId":"';
const QUOTE = '"'.charCodeAt(0);

/** The request id in a record's payload. */
export function requestIdIn(payload: Buffer): string {
  const id = payload.toString('utf8', BEGIN.length, payload.indexOf(QUOTE, BEGIN.length));
  const isWhole = payload.toString('utf8', 0, BEGIN.length) === BEGIN && !id.includes('\\');
  return isWhole ? id : callIn<Admission>(payload).requestId;
}
