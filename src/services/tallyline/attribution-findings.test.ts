import { expect, test } from 'vitest';
import { allow, Installation, MANAGEMENT, MEMBER } from '../../../test/identity/installation.ts';
import type { AttributionRequest } from '../../paths/attribution-path.ts';
import type { OperationCall } from '../../paths/operation-handler.ts';
import { getAttributionFindings } from './attribution-findings.ts';

/** The operation as a caller of either account gets it. */
async function operation() {
  const { installation, admin } = await Installation.start();
  const asked: AttributionRequest[] = [];
  const finding = { kind: 'spelling', severity: 'low', subjectArn: 'arn', risk: 'risk', fix: 'fix' } as const;
  const { run } = getAttributionFindings({
    directory: installation.directory,
    inspectAttribution: async (request) => {
      asked.push(request);
      return {
        findings: Array.from({ length: 1_200 }, () => finding),
        requiredTagKeys: ['team'],
        candidatesLeftOut: 3,
      };
    },
  });
  const caller = installation.callerOf(await installation.user(admin, 'alice', [allow('*')]));
  const ask = (accountId: string, input: object) =>
    run({ caller: { ...caller, accountId }, input, nowMs: 1 } as OperationCall<object>);
  return { ask, asked };
}

test('a member account sees itself, the management account every account', async () => {
  const { ask, asked } = await operation();
  await ask(MEMBER, {});
  await ask(MANAGEMENT, { AccountId: MEMBER });
  expect(asked.map(({ accountId, askedBy }) => [accountId, askedBy])).toEqual([
    [MEMBER, MEMBER],
    [MEMBER, MANAGEMENT],
  ]);
  await expect(ask(MEMBER, { AccountId: MANAGEMENT })).rejects.toThrow(
    `only the management account may inspect the account \`${MANAGEMENT}\``,
  );
  await expect(ask(MANAGEMENT, { RoleName: 'Nobody' })).rejects.toThrow('there is no role `Nobody`');
});

test('the worst thousand are shown and all are counted', async () => {
  const { ask } = await operation();
  const answer = (await ask(MANAGEMENT, { RequiredTagKeys: [] })) as { Findings: unknown[] };
  expect(answer.Findings).toHaveLength(1_000);
  expect(answer).toMatchObject({ High: 0, Medium: 0, Low: 1_200, RequiredTagKeys: ['team'], CandidatesLeftOut: 3 });
});

test('one inspection runs at a time', async () => {
  const { ask } = await operation();
  const first = ask(MANAGEMENT, {});
  await expect(ask(MEMBER, {})).rejects.toMatchObject({ code: 'ThrottlingException' });
  await first;
  await ask(MEMBER, {});
});
