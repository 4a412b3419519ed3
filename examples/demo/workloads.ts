import { agentWork } from './agent-work.ts';
import { applicationWork } from './application-work.ts';
import { APPLICATIONS, PEOPLE } from './company.ts';
import type { Workload } from './workload.ts';

/** Everything that calls models day by day. */
export const WORKLOADS: readonly Workload[] = [...PEOPLE.map(agentWork), ...APPLICATIONS.map(applicationWork)];
