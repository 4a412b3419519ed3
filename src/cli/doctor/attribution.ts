import type { TallylineClient } from '../client.ts';

export interface AttributionOptions {
  readonly account?: string;
  readonly role?: string;
  readonly requireTag: readonly string[];
  readonly json?: boolean;
}

interface FindingWire {
  readonly Kind: string;
  readonly Severity: 'high' | 'medium' | 'low';
  readonly SubjectArn: string;
  readonly StatementId?: string;
  readonly Risk: string;
  readonly Fix: string;
}

interface FindingsWire {
  readonly Findings: readonly FindingWire[];
  readonly High: number;
  readonly Medium: number;
  readonly Low: number;
  readonly RequiredTagKeys: readonly string[];
  readonly CandidatesLeftOut: number;
}

const MARK = { high: 'HIGH  ', medium: 'medium', low: 'low   ' } as const;

/** `tallyline doctor attribution`: how callers could spend in another's name. True when nothing is of high severity. */
export async function doctorAttribution(
  client: TallylineClient,
  { account, role, requireTag, json }: AttributionOptions,
  print: (text: string) => void,
): Promise<boolean> {
  const answer = await client.call<FindingsWire>('GetAttributionFindings', {
    ...(account !== undefined && { AccountId: account }),
    ...(role !== undefined && { RoleName: role }),
    ...(requireTag.length > 0 && { RequiredTagKeys: requireTag }),
  });
  const { Findings, High, Medium, Low, RequiredTagKeys, CandidatesLeftOut } = answer;
  if (json) print(JSON.stringify(answer, null, 2));
  else {
    for (const { Kind, Severity, SubjectArn, StatementId, Risk, Fix } of Findings) {
      const where = StatementId === undefined ? SubjectArn : `${SubjectArn}, statement ${StatementId}`;
      print(`${MARK[Severity]}  ${Kind}: ${where}\n        ${Risk}\n        ${Fix}`);
    }
    const keys = RequiredTagKeys.length > 0 ? RequiredTagKeys.join(', ') : 'none: name them with --require-tag';
    print(`${High} high, ${Medium} medium, ${Low} low; required tags: ${keys}`);
    if (CandidatesLeftOut > 0)
      print(`${CandidatesLeftOut} principals were not tried: look at single roles with --role`);
  }
  return High === 0;
}
