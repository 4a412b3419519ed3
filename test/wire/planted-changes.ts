import { join } from 'node:path';
import {
  type CostExplorerClient,
  ListCostAllocationTagsCommand,
  StartCostAllocationTagBackfillCommand,
  UpdateCostAllocationTagsStatusCommand,
} from '@aws-sdk/client-cost-explorer';
import { expect, vi } from 'vitest';
import { ChdbEngine } from '../../src/adapters/chdb-engine.ts';
import { ClickHouseCostStore } from '../../src/adapters/clickhouse-cost-store.ts';
import { DAY_MS, HOUR_MS, isoSeconds, MINUTE_MS } from '../../src/kernel/time.ts';
import type { UsageEvent } from '../../src/metering/usage-event.ts';
import { itemize } from '../../src/rating/itemize.ts';
import type { PriceRow } from '../../src/rating/price-sheet.ts';
import { shippedBook } from '../rating/shipped-prices.ts';
import { usageEvent } from '../rating/usage-event.ts';
import { ARRIVAL } from './ledger.ts';
import { ACCOUNT } from './principals.ts';

/** Begin of today, UTC: the last seven whole days and the seven before are the fourteen days that end with it. */
export const TODAY_MS = Math.floor(Date.now() / DAY_MS) * DAY_MS;
export const SONNET = 'anthropic.claude-sonnet-4-6';
export const OPUS = 'anthropic.claude-opus-4-6-v1';
export const HAIKU = 'anthropic.claude-haiku-4-5-20251001-v1:0';

export const NIGHTLY = `arn:aws:sts::${ACCOUNT}:assumed-role/app-7/nightly`;
export const userArn = (name: string) => `arn:aws:iam::${ACCOUNT}:user/${name}`;

const ago = (days: number, hours = 0) => TODAY_MS - days * DAY_MS + hours * HOUR_MS;

/** When each thing happened. */
export const SINCE = {
  /** The nightly job of app-7 stops hitting the cache. */
  cacheBreakMs: ago(4, 2),
  /** Erin and Finn of team launch make their first calls. */
  newTeamMs: ago(5, 9),
  /** Haiku's output gets dearer: prices change with days. */
  priceMs: ago(7),
  /** Dave goes over to Opus. */
  modelSwitchMs: ago(3, 10),
  /** Gina's calls carry no team any more. */
  tagLostMs: ago(2, 15),
} as const;

const day = (atMs: number) => new Date(atMs).toISOString().slice(0, 10);

/** What the server's configuration lays over the price list. */
export const OWN_PRICES: readonly PriceRow[] = [
  { modelId: HAIKU, meter: 'output', usdPerMillionTokens: '5.5' },
  { modelId: HAIKU, meter: 'output', usdPerMillionTokens: '7.7', effectiveFrom: day(SINCE.priceMs) },
];

interface Caller {
  readonly principalArn: string;
  readonly team?: string;
  readonly modelId: string;
  readonly usage: Partial<UsageEvent['usage']>;
  readonly operation?: UsageEvent['operation'];
}

/** Every ten minutes of some hours of the day: who called at that time; undefined for nobody. */
type Habit = (atMs: number) => Caller | undefined;

const team = (name: string) => [['team', name]] as const;
const chat = { inputTokens: 900, outputTokens: 400 };

const habits: readonly { readonly hours: readonly [from: number, to: number]; readonly of: Habit }[] = [
  {
    hours: [2, 3],
    of: (atMs) => {
      const cached = { inputTokens: 12_000, cacheReadInputTokens: 108_000, outputTokens: 500 };
      const usage =
        atMs < SINCE.cacheBreakMs ? cached : { inputTokens: 120_000, cacheReadInputTokens: 0, outputTokens: 500 };
      return { principalArn: NIGHTLY, team: 'core', modelId: SONNET, usage };
    },
  },
  ...['erin', 'finn'].map((name) => ({
    hours: [9, 17] as const,
    of: (atMs: number) =>
      atMs < SINCE.newTeamMs
        ? undefined
        : {
            principalArn: userArn(name),
            team: 'launch',
            modelId: SONNET,
            usage: chat,
            operation: 'ConverseStream' as const,
          },
  })),
  { hours: [0, 24], of: () => ({ principalArn: userArn('carol'), team: 'data', modelId: HAIKU, usage: chat }) },
  {
    hours: [8, 18],
    of: (atMs) => {
      const modelId = atMs < SINCE.modelSwitchMs ? HAIKU : OPUS;
      return { principalArn: userArn('dave'), team: 'web', modelId, usage: { inputTokens: 600, outputTokens: 100 } };
    },
  },
  {
    hours: [0, 24],
    of: (atMs) => {
      const gina = { principalArn: userArn('gina'), modelId: SONNET, usage: { inputTokens: 300, outputTokens: 30 } };
      return atMs < SINCE.tagLostMs ? { ...gina, team: 'ops' } : gina;
    },
  },
];

function* calls(): Generator<UsageEvent> {
  let count = 0;
  for (let atMs = ago(14); atMs < TODAY_MS; atMs += 10 * MINUTE_MS) {
    const hour = (atMs % DAY_MS) / HOUR_MS;
    for (const { hours, of } of habits) {
      const caller = hour >= hours[0] && hour < hours[1] ? of(atMs) : undefined;
      if (!caller) continue;
      const { principalArn, modelId, usage, operation = 'Converse' } = caller;
      count += 1;
      yield usageEvent({
        requestId: `00000000-0000-4000-8000-${count.toString(16).padStart(12, '0')}`,
        ...{ accountId: ACCOUNT, principalArn, modelId, usage, operation, requestedModelId: `us.${modelId}` },
        ...{ admittedAtMs: atMs + 1_234, endedAtMs: atMs + 3_000, principalTags: caller.team ? team(caller.team) : [] },
      });
    }
  }
}

/** A store as two weeks of these callers leave it. No server may run on the folder meanwhile. */
export async function plantChanges(data: string): Promise<void> {
  const engine = await ChdbEngine.start({ folder: join(data, 'store') });
  const store = new ClickHouseCostStore({ connection: () => engine.connection(), database: 'tallyline' });
  await store.prepare();
  const usageEvents = [...calls()];
  await store.insert({ token: 'planted', usageEvents, lineItems: itemize(usageEvents, shippedBook(OWN_PRICES), []) });
  await store.close();
  await engine.close();
}

/** Switches the tag of teams on, for the two weeks as well. */
export async function activateTeams(ce: CostExplorerClient): Promise<void> {
  const TagKey = 'iamPrincipal/team';
  await vi.waitFor(async () => {
    const { CostAllocationTags } = await ce.send(new ListCostAllocationTagsCommand({}));
    expect(CostAllocationTags!.map((tag) => tag.TagKey)).toContain(TagKey);
  }, ARRIVAL);
  const CostAllocationTagsStatus = [{ TagKey, Status: 'Active' as const }];
  await ce.send(new UpdateCostAllocationTagsStatusCommand({ CostAllocationTagsStatus }));
  const first = new Date(ago(20));
  const BackfillFrom = isoSeconds(Date.UTC(first.getUTCFullYear(), first.getUTCMonth(), 1));
  await ce.send(new StartCostAllocationTagBackfillCommand({ BackfillFrom }));
}
