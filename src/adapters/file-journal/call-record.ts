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

/** The call in a record's payload. What records of earlier versions do not have was so for every call of theirs. */
export function callIn<Call extends Admission>(payload: Buffer): Call {
  return { ...EARLIER, ...JSON.parse(payload.toString('utf8')) };
}
