import type {
  GetModelInvocationLoggingConfigurationResponse,
  LoggingConfig,
  PutModelInvocationLoggingConfigurationRequest,
} from '@aws-sdk/client-bedrock';
import type { ModelScope } from '../../inference/model-catalog.ts';
import {
  BODY_KINDS,
  type BodyKind,
  type LoggingConfiguration,
  type LoggingConfigurations,
} from '../../invocations/logging-configurations.ts';
import { Fault } from '../../kernel/fault.ts';
import { isBucketName, isObjectKey } from '../../kernel/object-store.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { scopeOf } from './bedrock-parts.ts';

export interface InvocationLoggingParts {
  readonly configurations: LoggingConfigurations;
  /** Takes the bucket for the account, and writes there what proves that it can be written. Throws what is in the way. */
  readonly prepare: (configuration: LoggingConfiguration, place: ModelScope) => Promise<void>;
}

/** Where the account's calls in the region are logged; nowhere until it is put. */
export function invocationLoggingOperations(parts: InvocationLoggingParts): OperationTable {
  return {
    PutModelInvocationLoggingConfiguration: putConfiguration(parts),
    GetModelInvocationLoggingConfiguration: getConfiguration(parts),
    DeleteModelInvocationLoggingConfiguration: deleteConfiguration(parts),
  };
}

const need = (operation: string) => () => [{ action: `bedrock:${operation}`, resource: '*' }];

function putConfiguration({
  configurations,
  prepare,
}: InvocationLoggingParts): OperationHandler<PutModelInvocationLoggingConfigurationRequest, object> {
  return {
    access: need('PutModelInvocationLoggingConfiguration'),
    run: async (call) => {
      const configuration = configurationOf(call.input.loggingConfig!);
      await prepare(configuration, scopeOf(call));
      await configurations.put(scopeOf(call), configuration);
      return {};
    },
  };
}

function getConfiguration({
  configurations,
}: InvocationLoggingParts): OperationHandler<object, GetModelInvocationLoggingConfigurationResponse> {
  return {
    access: need('GetModelInvocationLoggingConfiguration'),
    run: (call) => {
      const found = configurations.get(scopeOf(call));
      return found ? { loggingConfig: loggingConfig(found) } : {};
    },
  };
}

function deleteConfiguration({ configurations }: InvocationLoggingParts): OperationHandler<object, object> {
  return {
    access: need('DeleteModelInvocationLoggingConfiguration'),
    run: async (call) => {
      await configurations.delete(scopeOf(call));
      return {};
    },
  };
}

/** AWS's texts are not published; neither is what an absent switch means: here that bodies are logged. */
function configurationOf(config: LoggingConfig): LoggingConfiguration {
  if (config.cloudWatchConfig) throw new Fault('ValidationException', 'Logging to CloudWatch is not supported.');
  const { bucketName = '', keyPrefix } = config.s3Config ?? {};
  if (!isBucketName(bucketName)) throw new Fault('ValidationException', 'An S3 bucket for the logs is needed.');
  if (keyPrefix !== undefined && keyPrefix !== '' && !isObjectKey(keyPrefix.replace(/\/$/, ''))) {
    throw new Fault('ValidationException', `The key prefix ${keyPrefix} is not valid.`);
  }
  const includes = Object.fromEntries(BODY_KINDS.map((kind) => [kind, config[switchOf(kind)] ?? true]));
  return { bucketName, ...(keyPrefix && { keyPrefix }), includes: includes as LoggingConfiguration['includes'] };
}

function loggingConfig({ bucketName, keyPrefix, includes }: LoggingConfiguration): LoggingConfig {
  const switches = Object.fromEntries(BODY_KINDS.map((kind) => [switchOf(kind), includes[kind]]));
  return { s3Config: { bucketName, ...(keyPrefix !== undefined && { keyPrefix }) }, ...switches };
}

function switchOf(kind: BodyKind): `${BodyKind}DataDeliveryEnabled` {
  return `${kind}DataDeliveryEnabled`;
}
