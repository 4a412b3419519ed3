import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Installation, MANAGEMENT, MEMBER, seededRandom } from '../../test/identity/installation.ts';
import { removeFolders, temporaryFolder } from '../../test/server.ts';
import { readConfig } from '../config.ts';
import type { Directory } from '../identity/directory.ts';
import { put } from '../identity/directory-records.ts';
import { FULL_ACCESS_ONLY } from '../identity/service-control-policy.ts';
import { bringAboutOrganization } from './organization.ts';

afterAll(removeFolders);

const SUPPORT = '310987654321';
const folder = temporaryFolder('organization');
const random = seededRandom('declared');

const document = (...Statement: readonly object[]) => ({ Version: '2012-10-17', Statement });
const allow = (action: string) => ({ Effect: 'Allow', Action: action, Resource: '*' });
const deny = (action: string | readonly string[]) => ({ Effect: 'Deny', Action: action, Resource: '*' });

/** A small company, with changes to be tried. */
function company(changes: { readonly accounts?: readonly object[]; readonly policies?: readonly object[] } = {}) {
  return {
    organizationalUnits: [{ path: 'Workloads/Production', tags: { stage: 'live' } }, { path: 'Sandbox' }],
    accounts: [
      { id: SUPPORT, name: 'support', email: 'support@example.com', ou: 'Workloads/Production', tags: { team: 'cs' } },
      { name: 'playground', email: 'play@example.com', ou: 'Sandbox' },
    ],
    policies: [
      { name: 'no-iam', description: 'text', content: document(deny('iam:*')), targets: ['Sandbox', 'support'] },
      { name: 'list', content: document(allow('bedrock:*')), targets: ['playground'], replacesFullAccess: true },
    ],
    ...changes,
  };
}

async function emptyDirectory(): Promise<Directory> {
  const { installation } = await Installation.start();
  return installation.directory;
}

/** Reads the organization from a configuration file, and brings it about. */
function bring(directory: Directory, organization: object): Promise<void> {
  const file = join(folder, 'tallyline.yaml');
  writeFileSync(file, JSON.stringify({ organization }));
  return bringAboutOrganization(directory, readConfig(file).organization, { nowMs: 1_000, random });
}

/** By account name: names of its units, its tags, names of its policies. */
function seen(directory: Directory): Record<string, [unit: string, tags: object, policies: string[]]> {
  const { organization } = directory;
  const rows = [...directory.accounts()].map((account) => {
    const ids = organization
      .placeOf(account.id)!
      .path.split('/')
      .filter((part) => part.startsWith('ou-'));
    const unit = ids.map((id) => organization.unit(id)!.name).join('/');
    const policyIds = account.policyIds ?? FULL_ACCESS_ONLY;
    const policies = policyIds.map((id) => organization.policy(id)!.name).sort();
    return [account.name, [unit, Object.fromEntries(account.tags ?? []), policies]] as const;
  });
  return Object.fromEntries(rows) as ReturnType<typeof seen>;
}

const UNTOUCHED: [string, object, string[]] = ['', {}, ['FullAWSAccess']];

describe('an organization in the configuration', () => {
  it('is brought about once: the second time nothing is written', async () => {
    const directory = await emptyDirectory();
    await bring(directory, company());
    const first = seen(directory);
    expect(first).toEqual({
      payer: UNTOUCHED,
      member: UNTOUCHED,
      support: ['Workloads/Production', { team: 'cs' }, ['FullAWSAccess', 'no-iam']],
      playground: ['Sandbox', {}, ['list']],
    });
    const production = [...directory.organization.units()].find(({ name }) => name === 'Production');
    expect(production?.tags).toEqual(new Map([['stage', 'live']]));
    expect(directory.role(SUPPORT, 'OrganizationAccountAccessRole')?.trustPolicy).toContain(`${MANAGEMENT}:root`);
    const objects = () => [
      directory.organization.record,
      ...directory.organization.units(),
      ...directory.organization.policies(),
      ...directory.accounts(),
    ];
    const before = objects();
    await bring(directory, company());
    expect(seen(directory)).toEqual(first);
    for (const [index, entity] of objects().entries()) expect(entity).toBe(before[index]);
  });

  it('moves, renames and tags what is different, and closes or deletes nothing that is left out', async () => {
    const directory = await emptyDirectory();
    await bring(directory, company());
    const ids = [...directory.accounts()].map(({ id }) => id);
    const accounts = [
      { name: 'research', email: 'PLAY@example.com', ou: 'Workloads', tags: { team: 'r' } },
      { id: SUPPORT, name: 'support', email: 'support@example.com', ou: 'root', tags: { region: 'eu' } },
    ];
    const noIam = { name: 'no-iam', content: document(deny(['iam:*', 's3:*'])), targets: ['root'] };
    const changed = { ...company({ accounts, policies: [noIam] }), organizationalUnits: [] };
    await bring(directory, changed);
    const after = {
      payer: UNTOUCHED,
      member: UNTOUCHED,
      support: ['', { team: 'cs', region: 'eu' }, ['FullAWSAccess']],
      // Its e-mail address found it.
      research: ['Workloads', { team: 'r' }, ['list']],
    };
    expect(seen(directory)).toEqual(after);
    expect([...directory.accounts()].map(({ id }) => id)).toEqual(ids);
    expect([...directory.organization.policies()].map(({ name }) => name)).toEqual(['FullAWSAccess', 'no-iam', 'list']);
    expect(
      directory
        .serviceControlOf(SUPPORT)?.[0]
        ?.map(({ text }) => text)
        .join(),
    ).toContain('s3:*');
    await bring(directory, {});
    expect(seen(directory)).toEqual(after);
  });

  it('gives back full access where an allow list was taken away', async () => {
    const directory = await emptyDirectory();
    const list = { name: 'list', content: document(allow('bedrock:*')), replacesFullAccess: true };
    await bring(directory, company({ policies: [{ ...list, targets: ['Sandbox', 'support'] }] }));
    expect(seen(directory).support?.[2]).toEqual(['list']);
    await bring(directory, company({ policies: [{ ...list, targets: ['Sandbox'] }] }));
    expect(seen(directory).support?.[2]).toEqual(['FullAWSAccess']);
  });

  it('leaves policies that it does not name where they are', async () => {
    const directory = await emptyDirectory();
    await bring(directory, company());
    const list = directory.organization.policies();
    const byHand = { ...[...list].at(-1)!, version: 0, id: 'p-byhand0000', name: 'by-hand' };
    const support = directory.account(SUPPORT)!;
    await directory.write([
      put('service-control-policy', byHand),
      put('account', { ...support, policyIds: [...support.policyIds!, byHand.id] }),
    ]);
    await bring(directory, company());
    expect(seen(directory).support?.[2]).toEqual(['FullAWSAccess', 'by-hand', 'no-iam']);
  });

  it('keeps a closed account closed', async () => {
    const directory = await emptyDirectory();
    await bring(directory, company());
    await directory.write([put('account', { ...directory.account(SUPPORT)!, status: 'SUSPENDED' })]);
    await bring(directory, company());
    expect(directory.account(SUPPORT)?.status).toBe('SUSPENDED');
  });

  it('names the management account too', async () => {
    const directory = await emptyDirectory();
    const accounts = [{ id: MANAGEMENT, name: 'payer', email: 'pay@example.com', tags: { team: 'finance' } }];
    await bring(directory, company({ accounts, policies: [] }));
    expect(directory.account(MANAGEMENT)).toMatchObject({ isManagement: true, email: 'pay@example.com' });
    expect(seen(directory).payer).toEqual(['', { team: 'finance' }, ['FullAWSAccess']]);
  });
});

describe('an organization is refused, and nothing of it written', () => {
  const account = (members: object) => ({ accounts: [{ name: 'a', email: 'a@example.com', ...members }] });
  const policy = (members: object) => ({
    accounts: [
      { id: MEMBER, name: 'twin', email: 'a@example.com' },
      { id: SUPPORT, name: 'twin', email: 'b@example.com' },
    ],
    policies: [{ name: 'p', content: document(allow('*')), targets: ['root'], ...members }],
  });
  const tags = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`key-${n}`, '']));

  it.each<[what: string, organization: object, sentence: string | RegExp]>([
    [
      'a unit that is not there',
      account({ ou: 'Workloads/Prod' }),
      '`organization.accounts.0.ou` is `Workloads/Prod`, but there is no such organizational unit: add its path to `organization.organizationalUnits`',
    ],
    [
      'an address that is taken',
      {
        accounts: [
          { name: 'a', email: 'a@example.com' },
          { id: SUPPORT, name: 'b', email: 'A@example.com' },
        ],
      },
      /^`organization.accounts.1.email` is `A@example.com`, which belongs to the account `\d{12}`$/,
    ],
    [
      'an account twice',
      {
        accounts: [
          { id: SUPPORT, name: 'a', email: 'a@example.com' },
          { name: 'b', email: 'a@example.com' },
        ],
      },
      `\`organization.accounts.1\` is the account \`${SUPPORT}\` once more`,
    ],
    [
      'a unit twice',
      { organizationalUnits: [{ path: 'A' }, { path: 'A' }] },
      '`organization.organizationalUnits.1.path` is `A` once more',
    ],
    [
      'a unit called root',
      { organizationalUnits: [{ path: 'root' }] },
      '`organization.organizationalUnits.0.path` is `root`, which is what the root itself is called: use another name',
    ],
    [
      'a policy that is none',
      policy({ content: document(deny('iam')) }),
      '`organization.policies.0.content` is no service control policy: Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.',
    ],
    [
      'a policy that is too long',
      policy({ content: document(deny(Array.from({ length: 1_000 }, (_, n) => `iam:Action${n}`))) }),
      /^`organization.policies.0.content` has \d+ characters as JSON: 10240 at most$/,
    ],
    [
      'a policy twice',
      { policies: [...policy({}).policies, ...policy({}).policies] },
      '`organization.policies.1.name` is `p` once more',
    ],
    [
      'a target that is not there',
      policy({ targets: ['Nowhere'] }),
      '`organization.policies.0.targets.0` is `Nowhere`, which is neither `root` nor the path of a unit nor an account',
    ],
    [
      'a target that may be two',
      policy({ targets: ['twin'] }),
      `\`organization.policies.0.targets.0\` is \`twin\`, which may be any of ${MEMBER}, ${SUPPORT}: use an id`,
    ],
    [
      "AWS's name for a policy",
      policy({ name: 'FullAWSAccess' }),
      "`organization.policies.0.name` is `FullAWSAccess`, AWS's own: use another name",
    ],
    [
      'too many policies on one target',
      { policies: Array.from({ length: 10 }, (_, n) => ({ ...policy({}).policies[0], name: `p${n}` })) },
      /^`organization.policies` attaches 11 policies to `r-\w+`: 10 at most$/,
    ],
    [
      'an account without an address',
      { accounts: [{ name: 'a' }] },
      /`organization.accounts.0` needs the member `email`$/,
    ],
    ['an id that is a number', account({ id: 210987654321 }), /`organization.accounts.0.id` must be string$/],
    [
      'a tag key of AWS',
      account({ tags: { 'aws:x': 'y' } }),
      /`organization.accounts.0.tags` property name must be valid$/,
    ],
    ['a tag that is a number', account({ tags: { team: 5 } }), /`organization.accounts.0.tags.team` must be string$/],
    [
      'six levels',
      { organizationalUnits: [{ path: 'a/b/c/d/e/f' }] },
      /`organization.organizationalUnits.0.path` must match pattern/,
    ],
    ['a member that there is not', policy({ at: [] }), /`organization.policies.0` has no member `at`$/],
  ])('for %s', async (_what, organization, sentence) => {
    const directory = await emptyDirectory();
    const before = seen(directory);
    await expect((async () => bring(directory, organization))()).rejects.toThrowError(sentence);
    expect(seen(directory)).toEqual(before);
    expect([...directory.organization.units()]).toEqual([]);
  });

  it('for more tags than a unit or account can have, those that are there among them', async () => {
    const directory = await emptyDirectory();
    const one = { organizationalUnits: [{ path: 'A', tags: tags(50) }] };
    await bring(directory, one);
    await expect(bring(directory, { organizationalUnits: [{ path: 'A', tags: { more: '' } }] })).rejects.toThrowError(
      '`organization.organizationalUnits.0.tags` makes 51 tags with those that are there: 50 at most',
    );
  });

  it('for policies while their type is disabled', async () => {
    const directory = await emptyDirectory();
    await directory.write([put('organization', { ...directory.organization.record!, isServiceControlEnabled: false })]);
    await expect(bring(directory, company())).rejects.toThrowError(
      '`organization.policies` needs service control policies, which are disabled in this organization: call EnablePolicyType, or leave them out',
    );
  });
});
