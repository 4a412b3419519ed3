import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Answer,
  allow,
  fault,
  Installation,
  type Keys,
  MANAGEMENT,
  MEMBER,
  START_MS,
} from '../../../test/identity/installation.ts';
import { findBearerUser } from '../../identity/identify.ts';
import { DAY_MS } from '../../kernel/time.ts';

const BEDROCK = { ServiceName: 'bedrock.amazonaws.com' };

let installation: Installation;
let admin: Keys;

const call = (operation: string, input: object = {}, keys: Keys = admin): Promise<Answer> =>
  installation.call(`${operation}ServiceSpecificCredential${operation === 'List' ? 's' : ''}`, keys, input);
const create = async (UserName: string, more: object = {}): Promise<Answer> =>
  (await call('Create', { UserName, ...BEDROCK, ...more })).ServiceSpecificCredential;
const list = async (input: object, keys?: Keys): Promise<Answer[]> =>
  (await call('List', input, keys)).ServiceSpecificCredentials;

/** The alias and the secret in the key that clients send. */
function halves(key: string): { alias: string; secret: string } {
  expect(key.slice(0, 4)).toBe('ABSK');
  const [alias, secret] = Buffer.from(key.slice(4), 'base64').toString().split(':');
  return { alias: alias!, secret: secret! };
}

beforeEach(async () => {
  ({ installation, admin } = await Installation.start());
  await installation.call('CreateUser', admin, { UserName: 'ana' });
});

describe('service-specific credentials', () => {
  it('are shown with their secret once, and without it from then on', async () => {
    const created = await create('ana', { CredentialAgeDays: 30 });
    const { ServiceCredentialSecret, ...shown } = created;
    expect(shown).toEqual({
      UserName: 'ana',
      Status: 'Active',
      ServiceCredentialAlias: `ana-at-${MANAGEMENT}`,
      CreateDate: new Date(START_MS),
      ExpirationDate: new Date(START_MS + 30 * DAY_MS),
      ServiceSpecificCredentialId: expect.stringMatching(/^ACCA[A-Z2-7]{17}$/),
      ServiceName: 'bedrock.amazonaws.com',
    });
    const { alias, secret } = halves(ServiceCredentialSecret);
    expect(alias).toBe(shown.ServiceCredentialAlias);
    expect(Buffer.from(secret, 'base64')).toHaveLength(32);
    expect(await list({ UserName: 'ana' })).toEqual([shown]);
    expect(JSON.stringify([...installation.store.all('service-credential')])).not.toContain(secret);
  });

  it('are two at most for one user, also when requests race, each with an alias of its own', async () => {
    // A store that takes its time, as one over a network does: all three have read before the first has written.
    const { store } = installation;
    const write = store.write.bind(store);
    store.write = async (changes) => {
      await new Promise((resolve) => setImmediate(resolve));
      await write(changes);
    };
    const answers = await Promise.allSettled([create('ana'), create('ana'), create('ana')]);
    const aliases = answers.flatMap((one) => (one.status === 'fulfilled' ? [one.value.ServiceCredentialAlias] : []));
    expect(aliases.sort()).toEqual([`ana+1-at-${MANAGEMENT}`, `ana-at-${MANAGEMENT}`]);
    expect(await fault(create('ana'))).toEqual([
      'LimitExceededException',
      'Cannot exceed quota for ServiceSpecificCredentialsPerUser: 2',
    ]);
  });

  it('keep their aliases apart when a name passes to another user', async () => {
    const first = await create('ana');
    await installation.call('UpdateUser', admin, { UserName: 'ana', NewUserName: 'anna' });
    await installation.call('CreateUser', admin, { UserName: 'ana' });
    const second = await create('ana');
    const owner = (key: Answer) =>
      findBearerUser(installation.directory, halves(key.ServiceCredentialSecret))?.caller.userName;
    expect([owner(first), owner(second)]).toEqual(['anna', 'ana']);
  });

  it('are for Bedrock, in whichever letter case it is written', async () => {
    expect((await create('ana', { ServiceName: 'Bedrock.amazonaws.com' })).ServiceName).toBe('bedrock.amazonaws.com');
    const unsupported = [
      'NoSuchEntityException',
      'No such service codecommit.amazonaws.com is supported for Service Specific Credentials',
    ];
    expect(await fault(create('ana', { ServiceName: 'codecommit.amazonaws.com' }))).toEqual(unsupported);
    expect(await fault(list({ ServiceName: 'codecommit.amazonaws.com' }))).toEqual(unsupported);
  });

  it('open while they are active and unexpired, with the secret of the last reset', async () => {
    const { ServiceSpecificCredentialId, ServiceCredentialSecret } = await create('ana', { CredentialAgeDays: 1 });
    const named = { UserName: 'ana', ServiceSpecificCredentialId };
    const found = (key: string) => findBearerUser(installation.directory, halves(key));
    expect(found(ServiceCredentialSecret)).toMatchObject({
      expiresAtMs: START_MS + DAY_MS,
      caller: { userName: 'ana', accessKeyId: ServiceSpecificCredentialId, bearerTokenType: 'LONG_TERM' },
    });
    await call('Update', { ...named, Status: 'Inactive' });
    expect(found(ServiceCredentialSecret)).toBeUndefined();
    await call('Update', { ...named, Status: 'Active' });
    expect(found(ServiceCredentialSecret)).toBeDefined();
    const { ServiceSpecificCredential: reset } = await call('Reset', named);
    expect(reset).toMatchObject({ ServiceSpecificCredentialId, Status: 'Active', UserName: 'ana' });
    expect(found(ServiceCredentialSecret)).toBeUndefined();
    expect(found(reset.ServiceCredentialSecret)).toBeDefined();
    installation.nowMs += DAY_MS;
    expect(await list({ UserName: 'ana' })).toMatchObject([{ Status: 'Expired' }]);
    await call('Delete', named);
    expect(found(reset.ServiceCredentialSecret)).toBeUndefined();
    expect(await fault(call('Delete', named))).toEqual([
      'NoSuchEntityException',
      `No such credential ${ServiceSpecificCredentialId} exists`,
    ]);
  });

  it('are never set to Expired by hand', async () => {
    const { ServiceSpecificCredentialId } = await create('ana');
    const [code] = await fault(call('Update', { UserName: 'ana', ServiceSpecificCredentialId, Status: 'Expired' }));
    expect(code).toBe('ValidationException');
  });

  it('give the same caller until the user changes', async () => {
    const presented = halves((await create('ana')).ServiceCredentialSecret);
    const caller = () => findBearerUser(installation.directory, presented)!.caller;
    const before = caller();
    expect(caller()).toBe(before);
    await installation.call('TagUser', admin, { UserName: 'ana', Tags: [{ Key: 'team', Value: 'a' }] });
    expect(caller().tags).toEqual(new Map([['team', 'a']]));
  });

  it('are listed for one user or for all of the account, page by page', async () => {
    await installation.call('CreateUser', admin, { UserName: 'bob' });
    for (const name of ['ana', 'ana', 'bob']) await create(name);
    expect(await list({ UserName: 'ana' })).toHaveLength(2);
    const first = await call('List', { AllUsers: true, ...BEDROCK, MaxItems: 2 });
    expect(first).toMatchObject({ IsTruncated: true, Marker: expect.any(String) });
    const second = await call('List', { AllUsers: true, MaxItems: 2, Marker: first.Marker });
    const names = [...first.ServiceSpecificCredentials, ...second.ServiceSpecificCredentials];
    expect(names.map(({ UserName }: Answer) => UserName).sort()).toEqual(['ana', 'ana', 'bob']);
    expect((await fault(list({ AllUsers: true, UserName: 'ana' })))[0]).toBe('ValidationException');
    expect(await list({ AllUsers: true }, await installation.rootKeys(MEMBER))).toEqual([]);
  });

  it('of another user or account are not there', async () => {
    const { ServiceSpecificCredentialId } = await create('ana');
    await installation.call('CreateUser', admin, { UserName: 'bob' });
    const missing = ['NoSuchEntityException', `No such credential ${ServiceSpecificCredentialId} exists`];
    for (const operation of ['Update', 'Reset', 'Delete']) {
      const input = { UserName: 'bob', ServiceSpecificCredentialId, Status: 'Inactive' };
      expect(await fault(call(operation, input))).toEqual(missing);
    }
    const member = await installation.rootKeys(MEMBER);
    const elsewhere = call('Delete', { UserName: 'ana', ServiceSpecificCredentialId }, member);
    expect((await fault(elsewhere))[0]).toBe('NoSuchEntityException');
  });

  it('keep their user from being deleted', async () => {
    const { ServiceSpecificCredentialId } = await create('ana');
    expect(await fault(installation.call('DeleteUser', admin, { UserName: 'ana' }))).toEqual([
      'DeleteConflictException',
      'Cannot delete entity, must remove referenced objects first.',
    ]);
    await call('Delete', { UserName: 'ana', ServiceSpecificCredentialId });
    await installation.call('DeleteUser', admin, { UserName: 'ana' });
  });

  it('are made within the age and the service that a policy allows', async () => {
    const limited = await installation.user(admin, 'limited', [
      {
        ...allow('iam:CreateServiceSpecificCredential', `arn:aws:iam::${MANAGEMENT}:user/ana`),
        Condition: {
          StringEquals: { 'iam:ServiceSpecificCredentialServiceName': 'bedrock.amazonaws.com' },
          NumericLessThanEquals: { 'iam:ServiceSpecificCredentialAgeDays': '90' },
        },
      },
    ]);
    const asked = (more: object) => call('Create', { UserName: 'ana', ...BEDROCK, ...more }, limited);
    await asked({ CredentialAgeDays: 90 });
    await asked({ CredentialAgeDays: 90, ServiceName: 'BEDROCK.amazonaws.com' });
    for (const more of [{ CredentialAgeDays: 91 }, {}, { CredentialAgeDays: 90, UserName: 'limited' }]) {
      expect((await fault(asked(more)))[0]).toBe('AccessDeniedException');
    }
  });
});
