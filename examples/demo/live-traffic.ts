import { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } from '@aws-sdk/client-bedrock-runtime';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { Chance } from './chance.ts';
import { RUNAWAY_APPLICATION, TENANTS } from './company.ts';
import type { Founded } from './founding.ts';
import { type ClientConfig, sessionOf } from './organisation.ts';
import { usageOf } from './past-calls.ts';
import type { CallShape, Workload } from './workload.ts';
import { WORKLOADS } from './workloads.ts';

/** Between two calls, at most; half as long on average. */
const PAUSE_MS = 4_000;
/** Of the tokens of a usual call: there are more calls than the organisation has by itself, and no more spend. */
const SIZE = 0.25;
/** Temporary credentials are used anew for so long. */
const SESSION_MS = 30 * 60_000;

/** A workload that can call now, and the calls of it that the AWS SDK makes. */
interface LiveWorkload {
  readonly workload: Workload;
  readonly shapes: readonly CallShape[];
}

interface LiveClient {
  readonly client: BedrockRuntimeClient;
  readonly untilMs: number;
}

/** A trickle of calls that goes on until it is stopped: of the applications, and of people who have access keys. */
export class LiveTraffic {
  readonly #endpoint: ClientConfig;
  readonly #founded: Founded;
  readonly #chance: Chance;
  readonly #workloads: readonly LiveWorkload[];
  readonly #clients = new Map<string, LiveClient>();
  #timer: NodeJS.Timeout | undefined;

  constructor(endpoint: ClientConfig, founded: Founded, nowMs: number) {
    this.#endpoint = endpoint;
    this.#founded = founded;
    this.#chance = new Chance(`live ${nowMs}`);
    this.#workloads = WORKLOADS.flatMap((workload) => {
      const isConverse = ({ operation }: CallShape) => workload.person || /^Converse/.test(operation);
      const shapes = workload.shapes.filter(isConverse);
      const canCall = workload.person ? founded.accessKeys.has(workload.name) : shapes.length > 0;
      return canCall ? [{ workload, shapes }] : [];
    });
  }

  start(): void {
    this.#timer = setTimeout(() => {
      // A call that is refused is part of the picture: a budget may be used up.
      void this.#call().catch(() => {});
      this.start();
    }, this.#chance.next() * PAUSE_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    for (const { client } of this.#clients.values()) client.destroy();
  }

  async #call(): Promise<void> {
    const chance = this.#chance;
    const { workload, shapes } = chance.weighted(this.#workloads, ({ workload: { callsPerDay } }) => callsPerDay);
    const shape = chance.weighted(shapes, ({ weight }) => (typeof weight === 'number' ? weight : weight(0)));
    const request = {
      modelId: shape.model ?? this.#founded.profiles.get(workload.name)!.arn,
      messages: [{ role: 'user' as const, content: [{ text: 'Go on.' }] }],
      additionalModelRequestFields: { simulate: this.#simulation(shape) },
    };
    const { client } = await this.#clientOf(workload, shape.region);
    if (shape.operation === 'Converse') {
      await client.send(new ConverseCommand(request));
    } else {
      const { stream } = await client.send(new ConverseStreamCommand(request));
      for await (const _ of stream!);
    }
  }

  #simulation(shape: CallShape): Readonly<Record<string, number>> {
    const usage = usageOf(shape, 0, this.#chance);
    const { inputTokens, outputTokens, cacheReadInputTokens, cacheWrite5mInputTokens } = usage;
    const part = (tokens: number) => Math.ceil(tokens * SIZE);
    return {
      ...{ inputTokens: part(inputTokens), outputTokens: part(outputTokens) },
      ...(cacheReadInputTokens !== undefined && { cacheReadInputTokens: part(cacheReadInputTokens) }),
      ...(cacheWrite5mInputTokens !== undefined && { cacheWriteInputTokens: part(cacheWrite5mInputTokens) }),
      delayMs: Math.round(400 + 2_000 * this.#chance.next()),
    };
  }

  async #clientOf(workload: Workload, region: string): Promise<LiveClient> {
    const session = this.#sessionOf(workload);
    const key = `${workload.name} ${session} ${region}`;
    const known = this.#clients.get(key);
    if (known && known.untilMs > Date.now()) return known;
    known?.client.destroy();
    const config = { ...this.#endpoint, region, credentials: await this.#credentialsOf(workload, session) };
    const made = { client: new BedrockRuntimeClient(config), untilMs: Date.now() + SESSION_MS };
    this.#clients.set(key, made);
    return made;
  }

  /** Of an application; people with access keys have none. */
  #sessionOf({ application }: Workload): string {
    if (!application) return '';
    if (application.sessions.length > 0) return this.#chance.pick(application.sessions);
    const [tenant, people] = this.#chance.pick(Object.entries(TENANTS));
    return `${this.#chance.pick(people)}@${tenant}.example`;
  }

  async #credentialsOf({ name, application }: Workload, session: string): Promise<ClientConfig['credentials']> {
    if (!application) return this.#founded.accessKeys.get(name)!;
    const { accountId, roleName, sessions } = application;
    const config = { ...this.#endpoint, credentials: this.#founded.runtimeKeys.get(accountId)! };
    const sts = new STSClient(config);
    const [, tenant] = /@(.*)\.example$/.exec(session) ?? [];
    const { Credentials: credentials } = await sts.send(
      new AssumeRoleCommand({
        ...{ RoleArn: this.#founded.roles.get(roleName)!.arn, RoleSessionName: session },
        ...(sessions.length === 0 && { Tags: [{ Key: 'tenant', Value: tenant! }] }),
        ...(name === RUNAWAY_APPLICATION && { SourceIdentity: session }),
      }),
    );
    sts.destroy();
    return sessionOf(config, credentials!).credentials;
  }
}
