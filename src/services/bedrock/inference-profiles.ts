import type {
  CreateInferenceProfileRequest,
  CreateInferenceProfileResponse,
  DeleteInferenceProfileRequest,
  DeleteInferenceProfileResponse,
  GetInferenceProfileRequest,
  GetInferenceProfileResponse,
  InferenceProfileSummary,
  ListInferenceProfilesRequest,
  ListInferenceProfilesResponse,
} from '@aws-sdk/client-bedrock';
import { newBedrockId } from '../../identity/identifier.ts';
import {
  type ApplicationInferenceProfile,
  type ApplicationInferenceProfiles,
  applicationProfileArn,
} from '../../inference/application-inference-profile.ts';
import type { InferenceProfile, ModelCatalog, ModelScope } from '../../inference/model-catalog.ts';
import { parseArn } from '../../kernel/arn.ts';
import { Fault } from '../../kernel/fault.ts';
import type { AccessNeed, OperationCall, OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext, resourceTagContext } from '../../policy/context.ts';
import { type BedrockParts, scopeOf } from './bedrock-parts.ts';
import { ownProfile, profileNotFound } from './own-profile.ts';
import { readTags } from './tags.ts';

/** Profiles on a page when the caller names no number; AWS does not say its own. */
const PAGE_SIZE = 100;

/** System and application inference profiles. */
export function inferenceProfileOperations(parts: BedrockParts): OperationTable {
  return {
    CreateInferenceProfile: createInferenceProfile(parts),
    GetInferenceProfile: getInferenceProfile(parts),
    ListInferenceProfiles: listInferenceProfiles(parts),
    DeleteInferenceProfile: deleteInferenceProfile(parts),
  };
}

function createInferenceProfile({
  catalog,
  inferenceProfiles,
  random,
}: BedrockParts): OperationHandler<CreateInferenceProfileRequest, CreateInferenceProfileResponse> {
  return {
    // The id is not known before there is one. Both resources, and a permission of its own for tags: what AWS's example
    // policies name (User Guide, inference profile prerequisites); the service authorization reference was not at hand.
    access: (call) => {
      const context = requestTagContext(readTags(call.input.tags));
      const made = applicationProfileArn({ ...scopeOf(call), profileId: '*' });
      const isTagged = context.size > 0;
      return [
        { action: 'bedrock:CreateInferenceProfile', resource: sourceArnOf(call), context },
        { action: 'bedrock:CreateInferenceProfile', resource: made, context },
        ...(isTagged ? [{ action: 'bedrock:TagResource', resource: made, context }] : []),
      ];
    },
    run: async (call) => {
      const { inferenceProfileName, description, clientRequestToken, tags } = call.input;
      const profile = await inferenceProfiles.create({
        profileId: newBedrockId(random),
        ...scopeOf(call),
        name: inferenceProfileName!,
        ...(description !== undefined && { description }),
        ...sourceOf(call, catalog),
        tags: readTags(tags),
        ...(clientRequestToken !== undefined && { clientRequestToken }),
        createdAtMs: call.nowMs,
        updatedAtMs: call.nowMs,
      });
      return { inferenceProfileArn: applicationProfileArn(profile), status: 'ACTIVE' };
    },
  };
}

function getInferenceProfile({
  catalog,
  inferenceProfiles,
}: BedrockParts): OperationHandler<GetInferenceProfileRequest, GetInferenceProfileResponse> {
  return {
    access: (call) => [profileNeed('GetInferenceProfile', call, inferenceProfiles)],
    run: (call) => {
      const { inferenceProfileIdentifier: identifier } = call.input;
      const application = findApplicationProfile(call, inferenceProfiles);
      if (application) return applicationSummary(application);
      const system = catalog
        .inferenceProfiles(scopeOf(call))
        .find(({ profileId, profileArn }) => profileId === identifier || profileArn === identifier);
      if (!system) throw profileNotFound();
      return systemSummary(system);
    },
  };
}

function listInferenceProfiles({
  catalog,
  inferenceProfiles,
}: BedrockParts): OperationHandler<ListInferenceProfilesRequest, ListInferenceProfilesResponse> {
  return {
    access: () => [{ action: 'bedrock:ListInferenceProfiles', resource: '*' }],
    run: (call) => {
      const { typeEquals, maxResults = PAGE_SIZE, nextToken } = call.input;
      const all = [
        ...catalog.inferenceProfiles(scopeOf(call)).map(systemSummary),
        ...inferenceProfiles.of(scopeOf(call)).map(applicationSummary),
      ]
        .filter(({ type }) => typeEquals === undefined || type === typeEquals)
        .sort((a, b) => (a.inferenceProfileId! < b.inferenceProfileId! ? -1 : 1));
      const rest = nextToken === undefined ? all : after(all, nextToken);
      const page = rest.slice(0, maxResults);
      const last = page.at(-1);
      return {
        inferenceProfileSummaries: page,
        ...(last && page.length < rest.length ? { nextToken: tokenOf(last) } : {}),
      };
    },
  };
}

function deleteInferenceProfile({
  inferenceProfiles,
}: BedrockParts): OperationHandler<DeleteInferenceProfileRequest, DeleteInferenceProfileResponse> {
  return {
    access: (call) => [profileNeed('DeleteInferenceProfile', call, inferenceProfiles)],
    run: async (call) => {
      const profile = findApplicationProfile(call, inferenceProfiles);
      if (!profile) throw profileNotFound();
      await inferenceProfiles.delete(profile);
      return {};
    },
  };
}

type Identifying = OperationCall<{ readonly inferenceProfileIdentifier: string | undefined }>;

/** The caller's own profile by id or ARN. */
function findApplicationProfile(
  call: Identifying,
  inferenceProfiles: ApplicationInferenceProfiles,
): ApplicationInferenceProfile | undefined {
  const { inferenceProfileIdentifier: identifier } = call.input;
  return ownProfile(
    identifier!.startsWith('arn:') ? identifier! : applicationProfileArn({ ...scopeOf(call), profileId: identifier! }),
    call,
    inferenceProfiles,
  );
}

/** What the permission must name, existing or not, with the tags that a profile has. */
function profileNeed(action: string, call: Identifying, inferenceProfiles: ApplicationInferenceProfiles): AccessNeed {
  const { inferenceProfileIdentifier: identifier } = call.input;
  const profile = findApplicationProfile(call, inferenceProfiles);
  if (profile) {
    const resource = applicationProfileArn(profile);
    return { action: `bedrock:${action}`, resource, context: resourceTagContext(profile.tags) };
  }
  const resource = identifier!.startsWith('arn:')
    ? identifier!
    : `arn:aws:bedrock:${call.region}:${call.caller.accountId}:inference-profile/${identifier}`;
  return { action: `bedrock:${action}`, resource };
}

/** The ARN to copy from. Tools write that of a system profile with and without the account. */
function sourceArnOf({ input, caller }: OperationCall<CreateInferenceProfileRequest>): string {
  const { copyFrom } = input.modelSource!;
  // A union without its one member.
  if (copyFrom === undefined)
    throw new Fault('ValidationException', 'modelSource must name a model source to copyFrom.');
  return copyFrom.replace('::inference-profile/', `:${caller.accountId}:inference-profile/`);
}

function sourceOf(
  call: OperationCall<CreateInferenceProfileRequest>,
  catalog: ModelCatalog,
): Pick<ApplicationInferenceProfile, 'sourceArn' | 'modelArns'> {
  const scope = scopeOf(call);
  try {
    const { resourceArn } = catalog.resolve(sourceArnOf(call), scope);
    return { sourceArn: resourceArn, modelArns: modelArnsBehind(resourceArn, catalog, scope) };
  } catch (error) {
    if (!(error instanceof Fault)) throw error;
    // AWS's own text (published in an issue of aws-solutions-constructs, 2025-08).
    throw new Fault('ValidationException', 'copyFrom must be a valid inference profile model source ARN.');
  }
}

function modelArnsBehind(sourceArn: string, catalog: ModelCatalog, scope: ModelScope): readonly string[] {
  if (parseArn(sourceArn)!.resource.startsWith('foundation-model/')) return [sourceArn];
  return catalog.inferenceProfiles(scope).find(({ profileArn }) => profileArn === sourceArn)!.modelArns;
}

function systemSummary(profile: InferenceProfile): InferenceProfileSummary {
  return {
    inferenceProfileName: profile.name,
    description: profile.description,
    inferenceProfileArn: profile.profileArn,
    models: profile.modelArns.map((modelArn) => ({ modelArn })),
    inferenceProfileId: profile.profileId,
    status: 'ACTIVE',
    type: 'SYSTEM_DEFINED',
  };
}

function applicationSummary(profile: ApplicationInferenceProfile): InferenceProfileSummary {
  return {
    inferenceProfileName: profile.name,
    ...(profile.description !== undefined && { description: profile.description }),
    createdAt: new Date(profile.createdAtMs),
    updatedAt: new Date(profile.updatedAtMs),
    inferenceProfileArn: applicationProfileArn(profile),
    models: profile.modelArns.map((modelArn) => ({ modelArn })),
    inferenceProfileId: profile.profileId,
    status: 'ACTIVE',
    type: 'APPLICATION',
  };
}

/** A page token names the last profile seen, so that a list that grew in between neither repeats nor skips. */
function tokenOf({ inferenceProfileId }: InferenceProfileSummary): string {
  return Buffer.from(`after:${inferenceProfileId}`).toString('base64url');
}

function after(profiles: readonly InferenceProfileSummary[], token: string): InferenceProfileSummary[] {
  const seen = /^after:(.+)$/.exec(Buffer.from(token, 'base64url').toString());
  if (!seen) throw new Fault('ValidationException', 'The provided nextToken is invalid.');
  return profiles.filter(({ inferenceProfileId }) => inferenceProfileId! > seen[1]!);
}
