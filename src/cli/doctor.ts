import type { TallylineClient } from './client.ts';

interface CheckWire {
  readonly Name: string;
  readonly Status: 'ok' | 'warning' | 'failed';
  readonly Detail: string;
  readonly Advice?: string;
}

const MARK = { ok: 'ok     ', warning: 'warning', failed: 'FAILED ' } as const;

/** `tallyline doctor`: what the running server found about itself. True when nothing has failed. */
export async function doctor(
  client: TallylineClient,
  asJson: boolean,
  print: (text: string) => void,
): Promise<boolean> {
  const { Checks } = await client.call<{ Checks: CheckWire[] }>('GetDiagnosis', {});
  if (asJson) print(JSON.stringify(Checks, null, 2));
  else {
    for (const { Name, Status, Detail, Advice } of Checks) {
      print(`${MARK[Status]}  ${Name}: ${Detail}`);
      if (Advice) print(`         ${Advice}`);
    }
  }
  return Checks.every(({ Status }) => Status !== 'failed');
}
