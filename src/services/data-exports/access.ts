import type { ResourceTag } from '@aws-sdk/client-bcm-data-exports';
import type { AccessNeed, OperationCall } from '../../paths/operation-handler.ts';
import type { ExportRegistry } from '../../reports/export-registry.ts';

/** ARN by which the creation of an export is allowed: its id is not known before it exists. */
export function newExportArn(accountId: string, name: string): string {
  return `arn:aws:bcm-data-exports:us-east-1:${accountId}:export/${name}`;
}

/** The permission for an operation on one export, with the tags that it has. */
export function exportNeed(action: string, registry: ExportRegistry) {
  return ({ input }: OperationCall<{ readonly ExportArn?: string | undefined }>): readonly AccessNeed[] => [
    resourceNeed(action, registry, input.ExportArn!, new Map()),
  ];
}

export function resourceNeed(
  action: string,
  registry: ExportRegistry,
  arn: string,
  requestContext: ReadonlyMap<string, readonly string[]>,
): AccessNeed {
  const tags = registry.find(arn)?.tags ?? [];
  const context = new Map(requestContext);
  for (const [key, value] of tags) context.set(`aws:ResourceTag/${key}`, [value]);
  return { action: `bcm-data-exports:${action}`, resource: arn, context };
}

/** Tags that a request wants to set. */
export function requestTagContext(tags: readonly ResourceTag[] = []): ReadonlyMap<string, readonly string[]> {
  const context = tagKeysContext(tags.map(({ Key }) => Key!));
  for (const { Key, Value } of tags) context.set(`aws:RequestTag/${Key}`, [Value!]);
  return context;
}

/** Tag keys that a request names. */
export function tagKeysContext(keys: readonly string[]): Map<string, readonly string[]> {
  return new Map(keys.length === 0 ? [] : [['aws:TagKeys', keys]]);
}
