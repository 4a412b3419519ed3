import { isJsonObject } from '../../inference/json-value.ts';
import type { Json, JsonObject } from '../../inference/model-call.ts';
import type { NativeCall } from '../../inference/native-call.ts';
import type { BedrockRequest } from './aws-connection.ts';
import { invokeHeaders } from './invoke-headers.ts';

/**
 * How AWS is asked for what is no conversation: InvokeModel with the caller's body, or the operation that the caller called,
 * with the model by its name at AWS.
 */
export function nativeRequest(call: NativeCall, model: string, region: string): BedrockRequest {
  const { body, kind } = call;
  if (call.dialect !== 'operation') {
    return {
      path: `/model/${encodeURIComponent(model)}/invoke`,
      headers: invokeHeaders(call),
      body: bytesOf(body),
    };
  }
  switch (kind) {
    case 'guardrail': {
      const { guardrailIdentifier, guardrailVersion, ...content } = body;
      const [id, version] = [guardrailIdentifier, guardrailVersion].map((label) => encodeURIComponent(String(label)));
      return { path: `/guardrail/${id}/version/${version}/apply`, headers: {}, body: bytesOf(content) };
    }
    case 'retrieval': {
      const { knowledgeBaseId, ...query } = body;
      const path = `/knowledgebases/${encodeURIComponent(String(knowledgeBaseId))}/retrieve`;
      return { service: 'bedrock-agent-runtime', path, headers: {}, body: bytesOf(query) };
    }
    default: {
      const path = kind === 'rerank' ? '/rerank' : '/retrieveAndGenerate';
      const named = withModelArn(body, modelArn(model, region)) as JsonObject;
      return { service: 'bedrock-agent-runtime', path, headers: {}, body: bytesOf(named) };
    }
  }
}

/** Where the configurations of these operations name the model that the call was resolved to. */
const PLACES: ReadonlySet<string> = new Set([
  'rerankingConfiguration',
  'bedrockRerankingConfiguration',
  'modelConfiguration',
  'retrieveAndGenerateConfiguration',
  'knowledgeBaseConfiguration',
  'externalSourcesConfiguration',
]);

function withModelArn(value: Json, arn: string): Json {
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name === 'modelArn') return [name, arn];
      return [name, PLACES.has(name) ? withModelArn(member, arn) : member];
    }),
  );
}

/** These operations take ARNs; the account of a profile is AWS's to know, so that its id is left as it is. */
function modelArn(model: string, region: string): string {
  const isProfile = /^(us|eu|apac|jp|au|ca|in|us-gov|global)\./.test(model);
  return model.startsWith('arn:') || isProfile ? model : `arn:aws:bedrock:${region}::foundation-model/${model}`;
}

function bytesOf(body: JsonObject): Buffer {
  return Buffer.from(JSON.stringify(body));
}
