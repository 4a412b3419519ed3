import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { Installation, MANAGEMENT, MEMBER, START_MS, seededRandom } from '../../test/identity/installation.ts';
import { put } from './directory-records.ts';
import { foundOrganization, newOrganizationalUnit } from './organization-founding.ts';
import { FULL_AWS_ACCESS, type ServiceControlPolicy } from './service-control-policy.ts';

const random = seededRandom('organization');

function policyNamed(name: string): ServiceControlPolicy {
  const content = JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Deny', Action: 'iam:*', Resource: '*' }],
  });
  return { version: 0, id: `p-${name}`, name, description: '', content, createdAtMs: START_MS, tags: new Map() };
}

/** A member in the second of two units, with a policy of its own at each level. */
async function nested() {
  const { installation, admin } = await Installation.start();
  const { directory } = installation;
  const organization = directory.organization.record!;
  const base = { tags: new Map<string, string>(), nowMs: START_MS, random };
  const outer = newOrganizationalUnit(organization, { ...base, parentId: organization.rootId, name: 'outer' });
  const inner = newOrganizationalUnit(organization, { ...base, parentId: outer.id, name: 'inner' });
  const names = ['root', 'outer', 'inner', 'account'];
  await directory.write([
    ...names.map((name) => put('service-control-policy', policyNamed(name))),
    put('organization', { ...organization, policyIds: ['p-root'] }),
    put('organizational-unit', { ...outer, policyIds: ['p-outer'] }),
    put('organizational-unit', { ...inner, policyIds: ['p-inner', FULL_AWS_ACCESS.id] }),
    put('account', { ...directory.account(MEMBER)!, parentId: inner.id, policyIds: ['p-account'] }),
  ]);
  return { installation, admin, directory, organization, outer, inner };
}

const idsOf = (levels: readonly (readonly { readonly id: string }[])[] | undefined) =>
  levels?.map((level) => level.map(({ id }) => id.slice(id.lastIndexOf('/') + 1)));

describe('an organization', () => {
  it('is founded once for a directory that is older than organizations, whose accounts then stand under its root', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tallyline-organization-'));
    const file = join(folder, 'directory.sqlite');
    const old = new Installation(file);
    const account = { id: MANAGEMENT, name: 'payer', isManagement: true, createdAtMs: START_MS };
    const member = { id: MEMBER, name: 'member', isManagement: false, createdAtMs: START_MS };
    await old.store.write([account, member].map((body) => ({ kind: 'account', key: body.id, body })));
    expect(old.directory.organization.record).toBeUndefined();
    expect(old.directory.serviceControlOf(MEMBER)).toBeUndefined();
    expect(old.directory.organization.placeOf(MEMBER)).toBeUndefined();

    await foundOrganization(old.directory, { managementAccountId: MANAGEMENT, nowMs: START_MS, random });
    const founded = old.directory.organization.record!;
    expect(old.directory.organization.accountsOf(founded.rootId).map(({ id }) => id)).toEqual([MANAGEMENT, MEMBER]);
    expect(idsOf(old.directory.serviceControlOf(MEMBER))).toEqual([[FULL_AWS_ACCESS.id], [FULL_AWS_ACCESS.id]]);
    await old.store.close();

    const again = new Installation(file);
    await foundOrganization(again.directory, { managementAccountId: MANAGEMENT, nowMs: START_MS + 1, random });
    expect(again.directory.organization.record).toEqual(founded);
    await again.store.close();
    rmSync(folder, { recursive: true });
  });

  it('gives an account the policies of every level from the root down, in that order', async () => {
    const { directory, organization, outer, inner } = await nested();
    expect(idsOf(directory.serviceControlOf(MEMBER))).toEqual([
      ['p-root'],
      ['p-outer'],
      ['p-inner', FULL_AWS_ACCESS.id],
      ['p-account'],
    ]);
    expect(directory.organization.placeOf(MEMBER)).toEqual({
      organizationId: organization.id,
      path: `${organization.id}/${organization.rootId}/${outer.id}/${inner.id}/`,
    });
  });

  it('gives none to the management account, to strangers, and while the type is disabled', async () => {
    const { directory } = await nested();
    expect(directory.serviceControlOf(MANAGEMENT)).toBeUndefined();
    expect(directory.serviceControlOf('999999999999')).toBeUndefined();
    const organization = directory.organization.record!;
    await directory.write([put('organization', { ...organization, isServiceControlEnabled: false })]);
    expect(directory.serviceControlOf(MEMBER)).toBeUndefined();
  });

  it('is worked out once, until anything of it changes', async () => {
    const { installation, directory, inner } = await nested();
    const caller = installation.callerOf(await installation.rootKeys(MEMBER));
    const before = directory.policySetOf(caller);
    expect(directory.policySetOf(caller)).toBe(before);
    const changes = [
      () => put('service-control-policy', { ...directory.organization.policy('p-outer')!, content: '{}' }),
      () => put('organizational-unit', { ...directory.organization.unit(inner.id)!, policyIds: ['p-inner'] }),
      () => put('organization', { ...directory.organization.record!, policyIds: [FULL_AWS_ACCESS.id] }),
      () => put('account', { ...directory.account(MEMBER)!, parentId: directory.organization.record!.rootId }),
    ];
    let last = before;
    for (const change of changes) {
      await directory.write([change()]);
      const now = directory.policySetOf(caller);
      expect(now.serviceControl).not.toEqual(last.serviceControl);
      expect(directory.policySetOf(caller)).toBe(now);
      last = now;
    }
    expect(idsOf(last.serviceControl)).toEqual([[FULL_AWS_ACCESS.id], ['p-account']]);
  });
});

describe('a closed account', () => {
  it('has no credentials in force: long-term keys, root, sessions', async () => {
    const { installation } = await Installation.start();
    const { directory } = installation;
    const root = await installation.rootKeys(MEMBER);
    const user = await installation.user(root, 'ann');
    const { Credentials: session } = await installation.call('GetSessionToken', user);
    for (const keys of [root, user, session]) expect(installation.callerOf(keys).accountId).toBe(MEMBER);
    await directory.write([put('account', { ...directory.account(MEMBER)!, status: 'SUSPENDED' })]);
    for (const keys of [root, user, session]) {
      expect(() => installation.callerOf(keys)).toThrowError('The security token included in the request is invalid.');
    }
  });
});
