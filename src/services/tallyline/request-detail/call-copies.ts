import { bucketStartMs, isoSeconds } from '../../../kernel/time.ts';
import type { UsageEvent } from '../../../metering/usage-event.ts';
import type { MeterCharge } from '../../../rating/rate.ts';

/** Stands where the prompt was: prompts are not kept. */
const PROMPT = 'YOUR PROMPT';

interface DoorCall {
  readonly path: string;
  readonly body: object;
  /** How the AWS CLI makes the same call; absent for doors that it does not know. */
  readonly cli?: string;
}

/**
 * The shape of a call as commands and as SQL: its door, model, tier and annotations, without credentials and without the prompt.
 * Addresses and keys are environment variables, `AWS_ENDPOINT_URL` and `AWS_BEARER_TOKEN_BEDROCK`.
 */
export function callCopies(event: UsageEvent, charges: readonly MeterCharge[]): unknown {
  const door = doorCall(event);
  return {
    ...(door && { Curl: curlOf(door), ...(door.cli !== undefined && { AwsCli: door.cli }) }),
    Sql: billedSql(event, charges),
  };
}

function doorCall(event: UsageEvent): DoorCall | undefined {
  const { operation, requestedModelId: model, tier, requestMetadata } = event;
  const path = `/model/${encodeURIComponent(model)}`;
  const text = [{ role: 'user', content: [{ text: PROMPT }] }];
  const options = {
    ...(tier !== 'standard' && { serviceTier: { type: tier } }),
    ...(requestMetadata.length > 0 && { requestMetadata: Object.fromEntries(requestMetadata) }),
  };
  switch (operation) {
    case 'Converse':
      return { path: `${path}/converse`, body: { messages: text, ...options }, cli: converseCli(event, text, options) };
    case 'ConverseStream':
      return { path: `${path}/converse-stream`, body: { messages: text, ...options } };
    case 'InvokeModel':
      return { path: `${path}/invoke`, body: {}, cli: invokeCli(event) };
    case 'InvokeModelWithResponseStream':
      return { path: `${path}/invoke-with-response-stream`, body: {} };
    case 'ChatCompletions':
      return { path: '/openai/v1/chat/completions', body: { model, messages: [{ role: 'user', content: PROMPT }] } };
    case 'Responses':
      return { path: '/openai/v1/responses', body: { model, input: PROMPT } };
    case 'Embeddings':
      return { path: '/openai/v1/embeddings', body: { model, input: PROMPT } };
    case 'Messages': {
      const messages = [{ role: 'user', content: PROMPT }];
      return { path: '/anthropic/v1/messages', body: { model, max_tokens: 1_024, messages } };
    }
    default:
      return undefined;
  }
}

function curlOf({ path, body }: DoorCall): string {
  return [
    `curl "$AWS_ENDPOINT_URL"${quoted(path)}`,
    '-H "Authorization: Bearer $AWS_BEARER_TOKEN_BEDROCK"',
    "-H 'Content-Type: application/json'",
    `-d ${quoted(JSON.stringify(body))}`,
  ].join(' \\\n  ');
}

function converseCli({ requestedModelId, region }: UsageEvent, messages: object, options: object): string {
  const flags = Object.entries(options).map(([name, value]) => {
    return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)} ${quoted(JSON.stringify(value))}`;
  });
  return [
    `aws bedrock-runtime converse --region ${quoted(region)}`,
    `--model-id ${quoted(requestedModelId)}`,
    `--messages ${quoted(JSON.stringify(messages))}`,
    ...flags,
  ].join(' \\\n  ');
}

function invokeCli({ requestedModelId, region }: UsageEvent): string {
  return [
    `aws bedrock-runtime invoke-model --region ${quoted(region)}`,
    `--model-id ${quoted(requestedModelId)}`,
    '--cli-binary-format raw-in-base64-out --body file://body.json answer.json',
  ].join(' \\\n  ');
}

/** The lines of CUR 2.0 that the call is added up in: those of its hour, principal, resource and usage types. */
function billedSql({ principalArn, resourceArn, admittedAtMs }: UsageEvent, charges: readonly MeterCharge[]): string {
  const hour = `${isoSeconds(bucketStartMs(admittedAtMs)).slice(0, 13).replace('T', ' ')}:00:00`;
  const usageTypes = charges.map(({ usageType }) => sqlText(usageType)).join(', ');
  return `SELECT line_item_usage_type, sum(line_item_usage_amount) AS usage, sum(line_item_unblended_cost) AS cost
FROM cur2
WHERE line_item_usage_start_date = TIMESTAMP '${hour}'
  AND line_item_iam_principal = ${sqlText(principalArn)}
  AND line_item_resource_id = ${sqlText(resourceArn)}
  AND line_item_usage_type IN (${usageTypes || "''"})
GROUP BY line_item_usage_type`;
}

/** For a POSIX shell. */
function quoted(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
