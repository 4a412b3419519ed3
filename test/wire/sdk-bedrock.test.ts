import {
  BedrockClient,
  GetFoundationModelCommand,
  GetInferenceProfileCommand,
  ListFoundationModelsCommand,
  paginateListInferenceProfiles,
  ResourceNotFoundException,
  ValidationException,
} from '@aws-sdk/client-bedrock';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { removeFolders, startServer, type TestServer } from '../server.ts';
import { ACCOUNT, newUser } from './principals.ts';

const SONNET = 'anthropic.claude-sonnet-4-6';
const SONNET_ARN = `arn:aws:bedrock:us-east-1::foundation-model/${SONNET}`;

let server: TestServer;
let bedrock: BedrockClient;

beforeAll(async () => {
  server = await startServer();
  bedrock = new BedrockClient(server.admin);
});
afterAll(async () => {
  bedrock?.destroy();
  expect(await server.stop()).toBe(0);
  removeFolders();
});

describe('foundation models', () => {
  it('are listed and filtered', async () => {
    const { modelSummaries: all } = await bedrock.send(new ListFoundationModelsCommand({}));
    expect(all).toContainEqual({
      modelArn: SONNET_ARN,
      modelId: SONNET,
      modelName: 'Claude Sonnet 4.6',
      providerName: 'Anthropic',
      inputModalities: ['TEXT', 'IMAGE'],
      outputModalities: ['TEXT'],
      responseStreamingSupported: true,
      customizationsSupported: [],
      inferenceTypesSupported: ['ON_DEMAND'],
      modelLifecycle: { status: 'ACTIVE' },
    });
    const { modelSummaries: amazon } = await bedrock.send(new ListFoundationModelsCommand({ byProvider: 'amazon' }));
    expect(amazon!.length).toBeGreaterThan(0);
    expect(amazon!.length).toBeLessThan(all!.length);
    expect(new Set(amazon!.map(({ providerName }) => providerName))).toEqual(new Set(['Amazon']));
    const embedding = new ListFoundationModelsCommand({ byOutputModality: 'EMBEDDING', byProvider: 'Anthropic' });
    expect((await bedrock.send(embedding)).modelSummaries).toEqual([]);
  });

  it('are described by id and by ARN', async () => {
    for (const modelIdentifier of [SONNET, SONNET_ARN]) {
      const { modelDetails } = await bedrock.send(new GetFoundationModelCommand({ modelIdentifier }));
      expect(modelDetails).toMatchObject({ modelArn: SONNET_ARN, modelLifecycle: { status: 'ACTIVE' } });
    }
    await expect(
      bedrock.send(new GetFoundationModelCommand({ modelIdentifier: 'anthropic.claude-99' })),
    ).rejects.toThrow(ValidationException);
  });
});

describe('inference profiles', () => {
  it('are listed in pages, with the models behind them', async () => {
    const profiles = [];
    for await (const page of paginateListInferenceProfiles(
      { client: bedrock, pageSize: 7 },
      { typeEquals: 'SYSTEM_DEFINED' },
    )) {
      expect(page.inferenceProfileSummaries!.length).toBeLessThanOrEqual(7);
      profiles.push(...page.inferenceProfileSummaries!);
    }
    const ids = profiles.map(({ inferenceProfileId }) => inferenceProfileId);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toEqual(expect.arrayContaining([`us.${SONNET}`, `global.${SONNET}`]));
    expect(ids).not.toContain(`eu.${SONNET}`);
    const us = profiles.find(({ inferenceProfileId }) => inferenceProfileId === `us.${SONNET}`);
    expect(us).toMatchObject({
      inferenceProfileArn: `arn:aws:bedrock:us-east-1:${ACCOUNT}:inference-profile/us.${SONNET}`,
      status: 'ACTIVE',
      type: 'SYSTEM_DEFINED',
      models: expect.arrayContaining([{ modelArn: SONNET_ARN }]),
    });
    const described = await bedrock.send(
      new GetInferenceProfileCommand({ inferenceProfileIdentifier: us!.inferenceProfileArn }),
    );
    expect(described).toMatchObject(us!);
  });

  it('are those of the region that is asked', async () => {
    const european = new BedrockClient({ ...server.admin, region: 'eu-central-1' });
    const get = (inferenceProfileIdentifier: string) =>
      european.send(new GetInferenceProfileCommand({ inferenceProfileIdentifier }));
    expect((await get(`eu.${SONNET}`)).inferenceProfileArn).toBe(
      `arn:aws:bedrock:eu-central-1:${ACCOUNT}:inference-profile/eu.${SONNET}`,
    );
    await expect(get(`us.${SONNET}`)).rejects.toThrow(ResourceNotFoundException);
    european.destroy();
  });
});

describe('a caller without permission', () => {
  it('is told which one', async () => {
    const user = new BedrockClient(await newUser(server.admin, 'nobody'));
    await expect(user.send(new ListFoundationModelsCommand({}))).rejects.toMatchObject({
      name: 'AccessDeniedException',
      message: `User: arn:aws:iam::${ACCOUNT}:user/nobody is not authorized to perform: bedrock:ListFoundationModels because no identity-based policy allows the bedrock:ListFoundationModels action`,
      $metadata: { httpStatusCode: 403 },
    });
    await expect(user.send(new GetFoundationModelCommand({ modelIdentifier: SONNET }))).rejects.toThrow(
      `is not authorized to perform: bedrock:GetFoundationModel on resource: ${SONNET_ARN}`,
    );
    user.destroy();
  });
});
