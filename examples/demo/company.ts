/**
 * The organisation of the demo: a retailer with shops in Europe and America, 40 people in 6 teams, 12 applications, and
 * two tenants whose people come through a gateway of their own. What they call is in `workload.ts`.
 */
type Tags = Readonly<Record<string, string>>;

export const PAYER = '123456789012';
/** Member accounts: the gateway that serves tenants, and a sandbox where AWS's announcement is acted out. */
export const TENANT_ACCOUNT = '210987654321';
export const SANDBOX_ACCOUNT = '310987654321';

/** As pairs in key order. */
export const ACCOUNT_TAGS: Readonly<Record<string, readonly (readonly [string, string])[]>> = {
  [TENANT_ACCOUNT]: [['business-unit', 'partners']],
};

export const ZONES = { berlin: 'Europe/Berlin', 'new-york': 'America/New_York' } as const;
export type Place = keyof typeof ZONES;
export const REGIONS: Readonly<Record<Place, string>> = { berlin: 'eu-central-1', 'new-york': 'us-east-1' };

export type TeamName = 'support' | 'search' | 'payments' | 'platform' | 'data-science' | 'growth';

export const COST_CENTERS: Readonly<Record<TeamName, string>> = {
  support: '4100',
  search: '4200',
  payments: '4300',
  platform: '4400',
  'data-science': '4500',
  growth: '4600',
};

/**
 * How somebody gets in. `sign-in`: through the identity provider, in a session of the shared role; all others have an IAM
 * user. The growth team's users were made by hand, without tags.
 */
export type Access = 'sign-in' | 'access-key' | 'gateway-key' | 'bedrock-key';

export interface Person {
  /** Name of the IAM user, or what stands before the @ of the session's name. */
  readonly name: string;
  readonly team: TeamName;
  readonly place: Place;
  readonly access: Access;
  /** Coding agent turns on a usual working day at the end of the history. */
  readonly callsPerDay: number;
}

const person =
  (team: TeamName, place: Place, access: Access = 'sign-in') =>
  (name: string, callsPerDay: number): Person => ({ name, team, place, access, callsPerDay });

const supportBerlin = person('support', 'berlin');
const searchBerlin = person('search', 'berlin');
const paymentsNewYork = person('payments', 'new-york');
const platformBerlin = person('platform', 'berlin');
const scienceBerlin = person('data-science', 'berlin', 'access-key');
const growthNewYork = person('growth', 'new-york', 'access-key');

/** A few people make most of the calls. */
export const PEOPLE: readonly Person[] = [
  supportBerlin('alice', 9),
  supportBerlin('ben', 4),
  supportBerlin('carla', 2),
  person('support', 'new-york')('david', 6),
  person('support', 'new-york')('elena', 3),
  person('support', 'new-york')('felix', 1),
  searchBerlin('grace', 58),
  searchBerlin('hugo', 34),
  searchBerlin('ines', 22),
  searchBerlin('jonas', 14),
  searchBerlin('kira', 9),
  searchBerlin('leon', 5),
  searchBerlin('mira', 2),
  paymentsNewYork('nora', 41),
  paymentsNewYork('oscar', 17),
  paymentsNewYork('paula', 8),
  person('payments', 'new-york', 'gateway-key')('quentin', 26),
  person('payments', 'new-york', 'gateway-key')('rosa', 12),
  person('payments', 'new-york', 'gateway-key')('samir', 3),
  platformBerlin('otto', 47),
  platformBerlin('tara', 110),
  platformBerlin('uma', 29),
  platformBerlin('victor', 19),
  platformBerlin('wanda', 7),
  person('platform', 'new-york')('xavier', 36),
  person('platform', 'new-york')('yuki', 15),
  person('platform', 'new-york', 'bedrock-key')('zoe', 24),
  person('platform', 'berlin', 'bedrock-key')('adam', 11),
  scienceBerlin('bella', 31),
  scienceBerlin('cem', 20),
  scienceBerlin('dora', 13),
  scienceBerlin('emil', 6),
  person('data-science', 'new-york')('frida', 27),
  person('data-science', 'new-york')('goran', 10),
  person('data-science', 'new-york')('hana', 4),
  growthNewYork('ivan', 23),
  growthNewYork('julia', 16),
  growthNewYork('karl', 8),
  growthNewYork('lena', 4),
  growthNewYork('marco', 2),
];

/** The role that everybody shares who signs in. */
export const SHARED_ROLE = 'Developers';
export const SHARED_ROLE_TAGS: Tags = { project: 'coding-assistant', environment: 'development' };

/** Who does not work where the tags say, or is spelled otherwise than the rest. */
const TAGS_OF_THEIR_OWN: Readonly<Record<string, Tags>> = { goran: { team: 'Data Science' } };

/** What the identity provider signs for a person, or what is on the person's IAM user. */
export function tagsOf({ name, team, access }: Person): Tags {
  if (team === 'growth') return {};
  const own = { team, 'cost-center': COST_CENTERS[team], ...TAGS_OF_THEIR_OWN[name] };
  return access === 'sign-in' ? own : { ...SHARED_ROLE_TAGS, ...own };
}

export function emailOf({ name }: Pick<Person, 'name'>): string {
  return `${name}@example.com`;
}

export interface Application {
  readonly name: string;
  readonly roleName: string;
  readonly accountId: string;
  readonly team: TeamName;
  readonly tags: Tags;
  /** Names of its sessions: the hosts that it runs on, or whoever started the job, by the name that they have elsewhere. */
  readonly sessions: readonly string[];
  /** Called through an application inference profile of this source. */
  readonly profileOf?: { readonly model: string; readonly region: string };
}

function application(
  name: string,
  team: TeamName,
  sessions: readonly string[],
  more: Partial<Application> = {},
): Application {
  const roleName = name.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());
  const tags = { project: name, team, 'cost-center': COST_CENTERS[team], environment: 'production', ...more.tags };
  return { name, roleName, accountId: PAYER, team, sessions, ...more, tags };
}

export const CODING_ASSISTANT = 'coding-assistant';
export const RUNAWAY_APPLICATION = 'ci-reviewer';

/** A key that a few roles have and the payer has not activated. */
const GOLD: Tags = { 'service-level': 'gold' };
const people = (...names: string[]) => names.map((name) => emailOf({ name }));

/** Beside the coding assistant, which people call as themselves: the twelfth. */
export const APPLICATIONS: readonly Application[] = [
  application('support-chat', 'support', ['chat-7f9c-1', 'chat-7f9c-2', 'chat-7f9c-3'], {
    tags: GOLD,
    profileOf: { model: 'eu.anthropic.claude-sonnet-4-6', region: 'eu-central-1' },
  }),
  application('agent-assist', 'support', ['assist-5d2b-1', 'assist-5d2b-2'], { tags: { 'service-level': 'silver' } }),
  application('docs-search', 'search', ['answers-c41a-1', 'answers-c41a-2'], { tags: GOLD }),
  {
    ...application('catalog-enrichment', 'search', ['catalog-nightly']),
    // Tagged by another program than the rest.
    tags: { project: 'catalog-enrichment', team: 'search', cost_center: '4200', environment: 'production' },
  },
  application('embeddings-indexer', 'search', ['indexer-nightly']),
  application('contract-review', 'payments', ['review-88e0-1']),
  application('fraud-notes', 'payments', ['fraud-2b7d-1', 'fraud-2b7d-2'], {
    // Written by hand, once.
    tags: { ...GOLD, team: 'Payments' },
    profileOf: { model: 'us.anthropic.claude-haiku-4-5-20251001-v1:0', region: 'us-east-1' },
  }),
  application(RUNAWAY_APPLICATION, 'platform', people('otto', 'tara', 'uma', 'xavier', 'yuki'), {
    tags: { environment: 'ci' },
  }),
  application('tenant-assistant', 'platform', [], { accountId: TENANT_ACCOUNT }),
  application('research-notebooks', 'data-science', ['bella', 'cem', ...people('frida')], {
    tags: { environment: 'development' },
  }),
  { ...application('campaign-writer', 'growth', ['campaigns-1']), tags: {} },
];

/** People of the tenants; the gateway makes each a session with the tenant's tag. */
export const TENANTS: Readonly<Record<string, readonly string[]>> = {
  harbor: ['agent-01', 'agent-02', 'agent-03', 'agent-04', 'agent-05', 'agent-06', 'agent-07'],
  meridian: ['desk-1', 'desk-2', 'desk-3', 'desk-4'],
};

/** Who may look at the console, by the AWS profile that their keys are left under. */
export const CONSOLE_USERS = {
  finance: { userName: 'fiona', policy: 'TallylineFinanceAccess', tags: { team: 'finance' } },
  /** One of the people above, who has calls to look at. */
  member: { userName: 'bella', policy: 'TallylineMemberAccess' },
} as const;
