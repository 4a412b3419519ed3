import { anomaliesVerbs } from './anomalies.ts';
import { bedrockKeyVerbs } from './bedrock-key.ts';
import { billVerbs } from './bill.ts';
import { forecastVerbs } from './forecast.ts';
import { hardBudgetVerbs } from './hard-budget.ts';
import { importVerbs } from './import.ts';
import { gatewayKeyVerbs } from './keys.ts';
import { membershipVerbs } from './membership.ts';
import { metricVerbs } from './metrics.ts';
import { reconcileVerb } from './reconcile.ts';
import { requestsVerb } from './requests.ts';
import { sessionsVerb } from './sessions.ts';
import { statementVerbs } from './statement.ts';
import { stopVerbs } from './stop.ts';
import { upstreamsVerb } from './upstreams.ts';
import type { VerbParts } from './verb-parts.ts';
import { whyVerb } from './why.ts';

/** Verbs that are put together in files of their own, in the order in which help lists them. */
export function addVerbs(parts: VerbParts): void {
  bedrockKeyVerbs(parts);
  gatewayKeyVerbs(parts);
  hardBudgetVerbs(parts);
  stopVerbs(parts);
  requestsVerb(parts);
  reconcileVerb(parts);
  whyVerb(parts);
  importVerbs(parts);
  anomaliesVerbs(parts);
  membershipVerbs(parts);
  metricVerbs(parts);
  billVerbs(parts);
  forecastVerbs(parts);
  statementVerbs(parts);
  upstreamsVerb(parts);
  sessionsVerb(parts);
}
