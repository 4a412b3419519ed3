import type { Admission } from '../../metering/usage-event.ts';

/** The call in a record's payload. Records of before resources and accounts had tags name none. */
export function callIn<Call extends Admission>(payload: Buffer): Call {
  return { resourceTags: [], accountTags: [], ...JSON.parse(payload.toString('utf8')) };
}
