import type {
  ApplicationInferenceProfile,
  ApplicationInferenceProfiles,
} from '../../inference/application-inference-profile.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationCall } from '../../paths/operation-handler.ts';

/** Undefined also for a profile of another account or region: it is as good as not there. */
export function ownProfile(
  arn: string,
  { caller, region }: Pick<OperationCall<unknown>, 'caller' | 'region'>,
  inferenceProfiles: ApplicationInferenceProfiles,
): ApplicationInferenceProfile | undefined {
  const profile = inferenceProfiles.get(arn);
  return profile?.accountId === caller.accountId && profile.region === region ? profile : undefined;
}

/** AWS's text is unverified. */
export function profileNotFound(): Fault {
  return new Fault('ResourceNotFoundException', 'The requested inference profile was not found.');
}
