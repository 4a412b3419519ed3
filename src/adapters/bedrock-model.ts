import type { ModelAnswer, ModelBackend, ModelEvent, NativeAnswer, UpstreamFacts } from '../inference/model-backend.ts';
import type { CallFacts, ContentBlock, ModelCall, ServiceTier } from '../inference/model-call.ts';
import type { NativeCall } from '../inference/native-call.ts';
import { countInputTokens, countOutputTokens, type TokenCounter } from '../inference/token-counter.ts';
import type { TokenUsage } from '../inference/token-usage.ts';
import type { CallCredentials, UpstreamCredentials } from '../inference/upstream-credentials.ts';
import { completeUsage, type ReportedUsage } from '../inference/vendor-usage.ts';
import { Fault } from '../kernel/fault.ts';
import type { Clock } from '../kernel/time.ts';
import { AwsConnection, type BedrockRequest } from './bedrock-model/aws-connection.ts';
import { BedrockBatches } from './bedrock-model/batches.ts';
import { converse } from './bedrock-model/converse.ts';
import { countTokensBody } from './bedrock-model/count-tokens.ts';
import type { Dialect } from './bedrock-model/dialect.ts';
import { FrameSplitter } from './bedrock-model/frame-reader.ts';
import { invoke } from './bedrock-model/invoke.ts';
import { tierOfHeaders } from './bedrock-model/invoke-headers.ts';
import { type ResourceOwners, refusalOf } from './bedrock-model/named-resources.ts';
import { nativeRequest } from './bedrock-model/native-call.ts';
import { nativeCallUsage } from './bedrock-model/native-call-usage.ts';
import { joinedEmbeddings, splitEmbeddings } from './bedrock-model/openai-embeddings.ts';
import { readRefusal } from './bedrock-model/refusal.ts';
import { withSecondTry } from './bedrock-model/second-try.ts';
import { upstreamModel } from './bedrock-model/upstream-model.ts';
import { jsonObjectOf, type Reply, type ReplyHeaders } from './model-connection/reply.ts';
import { StreamedReply } from './model-connection/streamed-reply.ts';
import { TroubleReports } from './model-connection/trouble-reports.ts';
import { answerFault, isTimeout } from './model-connection/upstream-fault.ts';
import { NoReply, WholeReply } from './model-connection/whole-reply.ts';

export interface BedrockModelOptions {
  /** Name in the configuration. */
  readonly name: string;
  /** Absent: `https://bedrock-runtime.<region>.amazonaws.com`. */
  readonly endpoint?: string | undefined;
  /** Of Bedrock Agent Runtime. Absent: `endpoint`, and else AWS's own. */
  readonly agentEndpoint?: string | undefined;
  /** Absent: the region that the caller addressed. */
  readonly region?: string | undefined;
  readonly credentials: UpstreamCredentials;
  /** Inference profiles of ours by ARN, and what is named to AWS in their place. Absent: their source. */
  readonly profiles?: Readonly<Record<string, string>> | undefined;
  readonly counter: TokenCounter;
  readonly clock: Clock;
  /** Told what an operator must put right. */
  readonly onTrouble: (message: string) => void;
  /** In each region. Absent: 256. As many requests may be under way; four times as many more may wait for them. */
  readonly maxConnections?: number;
  /** Absent: 5,000. */
  readonly connectTimeoutMs?: number;
  /** Absent: batches are made of single calls, at their price. */
  readonly batch?: { readonly roleArn: string; readonly endpoint?: string; readonly workFolder?: string } | undefined;
  /** Absent: everybody may use every guardrail and knowledge base. */
  readonly owners?: ResourceOwners | undefined;
  /** Longest wait for the first byte of a reply. Absent: 300,000, because a whole answer comes in one piece. */
  readonly headersTimeoutMs?: number;
  /** Longest silence within a reply. Absent: 120,000. */
  readonly idleTimeoutMs?: number;
  /** Absent: 64 MiB. */
  readonly maxResponseBytes?: number;
}

/** A request without its address. */
interface Message {
  /** Last segment of the path. */
  readonly operation: 'converse' | 'converse-stream' | 'invoke' | 'invoke-with-response-stream' | 'count-tokens';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

interface Exchange {
  readonly reply: Reply;
  readonly signer: CallCredentials;
}

/** Amazon Bedrock, or what speaks like it. Its requests are the AWS SDK's, made without it: see the decision of 2026-11-29. */
export class BedrockModel implements ModelBackend {
  readonly name: string;
  readonly takesNativeBodies = true;
  readonly appliesGuardrails = true;
  readonly runsHeldModels = true;
  readonly billsBatchesAsCalls = true;
  readonly batches?: BedrockBatches;
  readonly #options: BedrockModelOptions;
  readonly #connection: AwsConnection;
  readonly #troubles: TroubleReports;
  /** Refusals of a signature that the next one does not deserve. */
  readonly #mended = new WeakSet<Fault>();

  constructor(options: BedrockModelOptions) {
    this.name = options.name;
    this.#options = options;
    const { region, profiles, credentials, counter, batch } = options;
    if (batch) this.batches = new BedrockBatches({ ...batch, region, profiles, credentials, counter });
    this.#troubles = new TroubleReports(options.onTrouble, options.clock);
    this.#connection = new AwsConnection({
      endpoint: options.endpoint,
      agentEndpoint: options.agentEndpoint,
      region: options.region,
      credentials: options.credentials,
      clock: options.clock,
      maxConnections: options.maxConnections ?? 256,
      connectTimeoutMs: options.connectTimeoutMs ?? 5_000,
      headersTimeoutMs: options.headersTimeoutMs ?? 300_000,
      idleTimeoutMs: options.idleTimeoutMs ?? 120_000,
      maxResponseBytes: options.maxResponseBytes ?? 64 * 1_024 * 1_024,
    });
  }

  async complete(call: ModelCall): Promise<ModelAnswer> {
    const refusal = this.#refusalOf(call);
    if (refusal) throw refusal;
    const dialect = invoke(call) ?? converse(call);
    try {
      const request = this.#addressed(call, { ...dialect, operation: dialect.wholeOperation });
      const { reply, signer } = await this.#exchange(call, request);
      const answer = this.#readAnswer(call, dialect, reply, signer);
      return answer instanceof Promise ? await answer : answer;
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      throw error.mayHaveRun ? await this.#withInputUsage(error.fault, call) : error.fault;
    }
  }

  /** Whatever is wrong, with the call or with the upstream, is thrown where the events are read. */
  stream(call: ModelCall): AsyncIterable<ModelEvent> {
    const refusal = this.#refusalOf(call);
    if (refusal) return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(refusal) }) };
    return withSecondTry(
      () => this.#begun(call),
      (error) => error instanceof Fault && this.#mended.delete(error),
    );
  }

  #begun(call: ModelCall): AsyncIterator<ModelEvent> {
    const dialect = invoke(call) ?? converse(call);
    let signer: CallCredentials | undefined;
    const reply = new StreamedReply({
      stop: call.stop,
      readerOf: (emit) => dialect.reader(emit),
      splitterOf: (reader) => new FrameSplitter(reader),
      usageOf: ({ usage, generated }) => this.#usageOf(call, usage, [{ text: generated }]),
      factsOf: ({ tier }, headers) => upstreamFacts(headers, signer, tier),
      refusalOf: (received) => this.#refusal(received, signer),
      onClosed: () => this.#connection.release(),
    });
    const request = this.#addressed(call, { ...dialect, operation: dialect.streamOperation });
    const sent = async () => {
      signer = await this.#connection.send(call, request, reply);
    };
    sent().catch((error: unknown) => reply.events.fail(error));
    return reply.events;
  }

  /** Whatever is no conversation, in the caller's own words; what comes in OpenAI's is put in the model's. */
  async invoke(call: NativeCall): Promise<NativeAnswer> {
    const refusal = this.#refusalOf(call);
    if (refusal) throw refusal;
    if (call.dialect !== 'openai') return this.#invokeOnce(call);
    return joinedEmbeddings(call, splitEmbeddings(call), (part) => this.#invokeOnce(part));
  }

  async #invokeOnce(call: NativeCall): Promise<NativeAnswer> {
    const { counter, profiles } = this.#options;
    try {
      const request = nativeRequest(call, upstreamModel(call, profiles), this.#options.region ?? call.region);
      const { reply, signer } = await this.#exchange(call, request);
      const body = jsonObjectOf(reply.body);
      if (!body) throw noAnswer(reply, signer);
      const usage = await nativeCallUsage(call, body, reply.headers, counter);
      return { body, usage, upstream: upstreamFacts(reply.headers, signer, tierOfHeaders(reply.headers)) };
    } catch (error) {
      if (!(error instanceof NoReply)) throw error;
      const usage = error.mayHaveRun && { usage: await nativeCallUsage(call, {}, {}, counter) };
      throw withFields(error.fault, { ...usage });
    }
  }

  async countTokens(call: ModelCall): Promise<number> {
    try {
      const message = { operation: 'count-tokens', headers: {}, body: countTokensBody(call) } as const;
      const { reply, signer } = await this.#exchange(call, this.#addressed(call, message));
      const { inputTokens } = jsonObjectOf(reply.body) ?? {};
      if (typeof inputTokens === 'number') return inputTokens;
      throw noAnswer(reply, signer);
    } catch (error) {
      throw error instanceof NoReply ? error.fault : error;
    }
  }

  /** Waits for the requests under way. */
  async close(): Promise<void> {
    await this.#connection.close();
  }

  #refusalOf(call: ModelCall | NativeCall): Fault | undefined {
    const { owners } = this.#options;
    return owners && refusalOf(call, owners);
  }

  /** One request and its whole reply; of a second one, where the first failed in a way that is mended. Throws NoReply. */
  async #exchange(call: CallFacts, request: BedrockRequest): Promise<Exchange> {
    for (let isFirst = true; ; isFirst = false) {
      const waiting = new WholeReply(call.stop);
      const sending = this.#connection.send(call, request, waiting);
      const signer = sending instanceof Promise ? await sending : sending;
      try {
        const reply = await waiting.promise;
        if (reply.status === 200) return { reply, signer };
        const fault = this.#refusal(reply, signer);
        if (!isFirst || !this.#mended.delete(fault)) throw new NoReply(fault, isTimeout(reply));
      } catch (error) {
        // A refusal that AWS sent says itself who signed.
        if (!(error instanceof NoReply) || error.fault.fields.upstream !== undefined) throw error;
        const fault = withFields(error.fault, { upstream: upstreamFacts({}, signer, undefined) });
        throw new NoReply(fault, error.mayHaveRun);
      } finally {
        this.#connection.release();
      }
    }
  }

  #addressed(call: CallFacts, { operation, headers, body }: Message): BedrockRequest {
    const modelId = encodeURIComponent(upstreamModel(call, this.#options.profiles));
    return { path: `/model/${modelId}/${operation}`, headers, body };
  }

  #readAnswer(
    call: ModelCall,
    dialect: Dialect,
    reply: Reply,
    signer: CallCredentials,
  ): ModelAnswer | Promise<ModelAnswer> {
    const body = jsonObjectOf(reply.body);
    const read = body && dialect.read(body, reply);
    if (!read) throw noAnswer(reply, signer);
    const { reported, written, tier, answer } = read;
    const upstream = upstreamFacts(reply.headers, signer, tier);
    const usage = this.#usageOf(call, reported, written);
    if (!(usage instanceof Promise)) return { ...answer, usage, upstream };
    return usage.then((counted) => ({ ...answer, usage: counted, upstream }));
  }

  #usageOf(
    call: ModelCall,
    reported: ReportedUsage,
    written: readonly ContentBlock[],
  ): TokenUsage | Promise<TokenUsage> {
    const { counter } = this.#options;
    // AWS says what a guardrail counted in its trace alone, to those who ask for one.
    const flagged = (usage: TokenUsage) => (call.guardrail && !usage.units ? { ...usage, isEstimated: true } : usage);
    const usage = completeUsage(
      reported,
      () => countInputTokens(call, counter),
      () => countOutputTokens(written, counter),
    );
    return usage instanceof Promise ? usage.then(flagged) : flagged(usage);
  }

  /** The fault for the caller; what is between AWS and us goes to the operator. */
  #refusal(reply: Reply, signer: CallCredentials | undefined): Fault {
    const { concerns, detail, fault: plain } = readRefusal(reply);
    const upstream = upstreamFacts(reply.headers, signer, undefined);
    const fault = withFields(plain, { upstream });
    if (concerns === 'call') return fault;
    if (concerns === 'credentials') {
      const hasOthers = signer !== undefined && this.#options.credentials.refused(signer);
      if (this.#connection.correctClock(reply.headers.date) || hasOthers) this.#mended.add(fault);
    }
    this.#troubles.tell(`Amazon Bedrock refuses ${signer?.principalArn ?? 'this gateway'}: ${detail}`);
    return fault;
  }

  /** The model has probably read its input, and what it wrote is unknown. */
  async #withInputUsage(fault: Fault, call: ModelCall): Promise<Fault> {
    return withFields(fault, { usage: await this.#usageOf(call, NOTHING_REPORTED, []) });
  }
}

function noAnswer({ headers }: Reply, signer: CallCredentials): NoReply {
  const upstream = upstreamFacts(headers, signer, undefined);
  return new NoReply(answerFault('the answer is not what Bedrock answers', { upstream }), true);
}

function withFields(fault: Fault, fields: Fault['fields']): Fault {
  return new Fault(fault.code, fault.message, { ...fault.fields, ...fields });
}

const NOTHING_REPORTED: ReportedUsage = { isEstimated: false, raw: '' };

function upstreamFacts(
  headers: ReplyHeaders,
  signer: CallCredentials | undefined,
  tier: ServiceTier | undefined,
): UpstreamFacts {
  const requestId = headers['x-amzn-requestid'];
  return {
    ...(typeof requestId === 'string' && { requestId }),
    ...(signer?.principalArn !== undefined && { principalArn: signer.principalArn }),
    ...(signer && { isGatewayPrincipal: signer.isGatewayPrincipal }),
    ...(tier !== undefined && { tier }),
  };
}
