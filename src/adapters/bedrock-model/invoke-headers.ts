import type { CallFacts, ModelCall, ServiceTier } from '../../inference/model-call.ts';
import { tierOf } from '../../inference/service-tier.ts';
import type { ReplyHeaders } from '../model-connection/reply.ts';
import { requestMetadata } from './request-metadata.ts';

/** How a call is to be served, which InvokeModel says in headers: a native caller's own, else what they would be. */
export function invokeHeaders(call: CallFacts & Pick<ModelCall, 'original' | 'guardrail'>): Record<string, string> {
  const { original } = call;
  return {
    ...(original?.format === 'native' ? original.headers : servingHeaders(call)),
    'x-amzn-bedrock-request-metadata': JSON.stringify(requestMetadata(call)),
  };
}

function servingHeaders({ tier, guardrail }: Pick<ModelCall, 'tier' | 'guardrail'>): Record<string, string> {
  const { guardrailIdentifier, guardrailVersion, trace } = guardrail ?? {};
  return {
    ...(tier === 'latency_optimized' && { 'x-amzn-bedrock-performanceconfig-latency': 'optimized' }),
    ...(tier !== 'latency_optimized' && tier !== 'standard' && { 'x-amzn-bedrock-service-tier': tier }),
    ...(typeof guardrailIdentifier === 'string' && { 'x-amzn-bedrock-guardrailidentifier': guardrailIdentifier }),
    ...(typeof guardrailVersion === 'string' && { 'x-amzn-bedrock-guardrailversion': guardrailVersion }),
    ...(typeof trace === 'string' && { 'x-amzn-bedrock-trace': trace.toUpperCase() }),
  };
}

/** The tier that AWS says it used; undefined where it does not say. */
export function tierOfHeaders(headers: ReplyHeaders): ServiceTier | undefined {
  const tier = headers['x-amzn-bedrock-service-tier'];
  const latency = headers['x-amzn-bedrock-performanceconfig-latency'];
  if (typeof tier !== 'string' && typeof latency !== 'string') return undefined;
  return tierOf(typeof tier === 'string' ? tier : undefined, typeof latency === 'string' ? latency : undefined);
}
