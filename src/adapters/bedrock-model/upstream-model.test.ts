import { expect, it } from 'vitest';
import { modelCall, SONNET } from '../bedrock-model.fixture.ts';
import { upstreamModel } from './upstream-model.ts';

const OWN = 'arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abcdefghijkl';
const AWS = 'arn:aws:bedrock:us-east-1:999999999999:application-inference-profile/zyxwvutsrqpo';

it.each([
  ['a model', {}, SONNET],
  ['a geographic profile', { systemProfileId: `eu.${SONNET}` }, `eu.${SONNET}`],
  [
    'a global profile of a model with another name',
    { systemProfileId: `global.${SONNET}`, upstreamModelId: `${SONNET}-v1:0` },
    `global.${SONNET}-v1:0`,
  ],
  [
    'a model that is mapped to a profile',
    { systemProfileId: `us.${SONNET}`, upstreamModelId: `us.${SONNET}` },
    `us.${SONNET}`,
  ],
  ['a model that is mapped to an ARN', { systemProfileId: `us.${SONNET}`, upstreamModelId: AWS }, AWS],
  ['a profile of ours that has one at AWS', { inferenceProfileArn: OWN, systemProfileId: `us.${SONNET}` }, AWS],
  [
    'a profile of ours that has none',
    { inferenceProfileArn: `${OWN}x`, systemProfileId: `us.${SONNET}` },
    `us.${SONNET}`,
  ],
])('asks AWS for %s', (_what, facts, asked) => {
  expect(upstreamModel(modelCall(facts), { [OWN]: AWS })).toBe(asked);
});
