import type { CallFacts } from './model-call.ts';

/** Who calls and from where, for tests of what does not look at it. */
export const CALL_FACTS: Omit<CallFacts, 'requestId' | 'modelId' | 'upstreamModelId'> = {
  caller: {
    kind: 'user',
    arn: 'arn:aws:iam::123456789012:user/alice',
    principalArn: 'arn:aws:iam::123456789012:user/alice',
    accountId: '123456789012',
    principalId: 'AIDAALICE',
    userId: 'AIDAALICE',
    userName: 'alice',
    tags: new Map(),
  },
  region: 'us-east-1',
  route: 'in_region',
  tier: 'standard',
};
