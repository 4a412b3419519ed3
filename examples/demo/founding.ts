import { BedrockClient, CreateInferenceProfileCommand } from '@aws-sdk/client-bedrock';
import {
  AddUserToGroupCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateOpenIDConnectProviderCommand,
  CreateRoleCommand,
  CreateServiceSpecificCredentialCommand,
  CreateUserCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { TallylineClient } from '../../src/cli/client.ts';
import { DEFAULT_ACCESS_ROLE } from '../../src/identity/member-account.ts';
import {
  APPLICATIONS,
  type Application,
  CONSOLE_USERS,
  PAYER,
  PEOPLE,
  type Person,
  RUNAWAY_APPLICATION,
  SHARED_ROLE,
  SHARED_ROLE_TAGS,
  TENANT_ACCOUNT,
  TENANTS,
  tagsOf,
} from './company.ts';
import { type ClientConfig, tagList } from './organisation.ts';
import { pastConfig } from './past-client.ts';

/** A user or role as the directory has it: what the calls of its past must agree with. */
export interface FoundedPrincipal {
  readonly arn: string;
  /** AIDA or AROA id. */
  readonly id: string;
  readonly accountId: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface FoundedUser extends FoundedPrincipal {
  /** The key that the person calls with: an access key's, a gateway key's or a Bedrock API key's id. */
  readonly keyId: string;
}

export interface FoundedProfile {
  readonly arn: string;
  /** What it was copied from. */
  readonly sourceArn: string;
  readonly tags: Readonly<Record<string, string>>;
}

type Keys = ClientConfig['credentials'];

/** Everybody and everything that calls, as the directory knows them. */
export interface Founded {
  /** By the person's name. */
  readonly users: ReadonlyMap<string, FoundedUser>;
  /** By the role's name. */
  readonly roles: ReadonlyMap<string, FoundedPrincipal>;
  /** Application inference profiles by the application's name. */
  readonly profiles: ReadonlyMap<string, FoundedProfile>;
  /** Keys of the users that assume the applications' roles, by account. */
  readonly runtimeKeys: ReadonlyMap<string, Keys>;
  /** Access keys by user name: of the people who call with one, and of those who look at the console. */
  readonly accessKeys: ReadonlyMap<string, Keys>;
}

const INVOKE = JSON.stringify({
  Version: '2012-10-17',
  Statement: [
    { Effect: 'Allow', Action: ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'], Resource: '*' },
  ],
});
const PROVIDER_HOST = 'login.example.com';

/** Makes users, groups, roles, keys and profiles through the AWS APIs, `offsetMs` away from this machine's clock. */
export async function foundDirectory(admin: ClientConfig, offsetMs: number): Promise<Founded> {
  const founding = new Founding(admin, offsetMs);
  try {
    await founding.people();
    await founding.sharedRole();
    await founding.applications();
    return founding;
  } finally {
    founding.end();
  }
}

class Founding implements Founded {
  readonly users = new Map<string, FoundedUser>();
  readonly roles = new Map<string, FoundedPrincipal>();
  readonly profiles = new Map<string, FoundedProfile>();
  readonly runtimeKeys = new Map<string, Keys>();
  readonly accessKeys = new Map<string, Keys>();
  readonly #admin: ClientConfig;
  readonly #offsetMs: number;
  readonly #tallyline: TallylineClient;
  /** By account. */
  readonly #iam = new Map<string, IAMClient>();

  constructor(admin: ClientConfig, offsetMs: number) {
    this.#admin = admin;
    this.#offsetMs = offsetMs;
    const { endpoint, region, credentials } = admin;
    this.#tallyline = new TallylineClient({ endpoint, region, ...credentials }, () => Date.now() + offsetMs);
    this.#iam.set(PAYER, new IAMClient(pastConfig(admin, offsetMs)));
  }

  end(): void {
    for (const client of this.#iam.values()) client.destroy();
  }

  async people(): Promise<void> {
    const iam = this.#iam.get(PAYER)!;
    const withUser = PEOPLE.filter(({ access }) => access !== 'sign-in');
    for (const team of new Set(withUser.map(({ team }) => team))) {
      await iam.send(new CreateGroupCommand({ GroupName: team }));
      const policy = { GroupName: team, PolicyName: 'invoke', PolicyDocument: INVOKE };
      await iam.send(new PutGroupPolicyCommand(policy));
    }
    for (const person of withUser) {
      const tags = tagsOf(person);
      const user = await this.#user(PAYER, person.name, tags);
      await iam.send(new AddUserToGroupCommand({ UserName: person.name, GroupName: person.team }));
      this.users.set(person.name, { ...user, keyId: await this.#keyOf(person) });
    }
    const { userName, tags } = CONSOLE_USERS.finance;
    await this.#user(PAYER, userName, tags);
    await this.#accessKey(PAYER, userName);
  }

  /** Everybody who signs in with the provider shares one role; name and tags are the token's, nobody's own to choose. */
  async sharedRole(): Promise<void> {
    const iam = this.#iam.get(PAYER)!;
    const provider = { Url: `https://${PROVIDER_HOST}`, ClientIDList: ['tallyline'] };
    const { OpenIDConnectProviderArn } = await iam.send(new CreateOpenIDConnectProviderCommand(provider));
    const trust = {
      Effect: 'Allow',
      Principal: { Federated: OpenIDConnectProviderArn },
      Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'],
      Condition: {
        StringEquals: { [`${PROVIDER_HOST}:aud`]: 'tallyline', 'sts:RoleSessionName': `\${${PROVIDER_HOST}:sub}` },
      },
    };
    await this.#role(PAYER, SHARED_ROLE, SHARED_ROLE_TAGS, [trust]);
  }

  async applications(): Promise<void> {
    await this.#openAccount(TENANT_ACCOUNT);
    for (const accountId of [PAYER, TENANT_ACCOUNT]) {
      const { arn } = await this.#user(accountId, 'app-runtime', {});
      this.runtimeKeys.set(accountId, await this.#accessKey(accountId, 'app-runtime'));
      for (const application of APPLICATIONS.filter((one) => one.accountId === accountId)) {
        await this.#role(accountId, application.roleName, application.tags, [trustOf(application, arn)]);
      }
    }
    for (const application of APPLICATIONS) await this.#profile(application);
  }

  async #openAccount(accountId: string): Promise<void> {
    const sts = new STSClient(pastConfig(this.#admin, this.#offsetMs));
    const RoleArn = `arn:aws:iam::${accountId}:role/${DEFAULT_ACCESS_ROLE}`;
    const { Credentials: session } = await sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'founding' }));
    sts.destroy();
    const { AccessKeyId, SecretAccessKey, SessionToken } = session!;
    const credentials = { accessKeyId: AccessKeyId!, secretAccessKey: SecretAccessKey!, sessionToken: SessionToken! };
    this.#iam.set(accountId, new IAMClient(pastConfig({ ...this.#admin, credentials }, this.#offsetMs)));
  }

  async #user(accountId: string, name: string, tags: FoundedPrincipal['tags']): Promise<FoundedPrincipal> {
    const command = new CreateUserCommand({ UserName: name, Tags: tagList(tags) });
    const { User: user } = await this.#iam.get(accountId)!.send(command);
    return { arn: user!.Arn!, id: user!.UserId!, accountId, tags };
  }

  async #role(
    accountId: string,
    name: string,
    tags: FoundedPrincipal['tags'],
    trust: readonly object[],
  ): Promise<void> {
    const iam = this.#iam.get(accountId)!;
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: trust });
    const request = { RoleName: name, AssumeRolePolicyDocument, Tags: tagList(tags) };
    const { Role: role } = await iam.send(new CreateRoleCommand(request));
    await iam.send(new PutRolePolicyCommand({ RoleName: name, PolicyName: 'invoke', PolicyDocument: INVOKE }));
    this.roles.set(name, { arn: role!.Arn!, id: role!.RoleId!, accountId, tags });
  }

  async #accessKey(accountId: string, userName: string): Promise<Keys> {
    const { AccessKey: key } = await this.#iam.get(accountId)!.send(new CreateAccessKeyCommand({ UserName: userName }));
    const keys = { accessKeyId: key!.AccessKeyId!, secretAccessKey: key!.SecretAccessKey! };
    if (accountId === PAYER) this.accessKeys.set(userName, keys);
    return keys;
  }

  async #keyOf({ name, access }: Person): Promise<string> {
    if (access === 'gateway-key') {
      const request = { Name: `${name}-laptop`, UserName: name, ExpiresInDays: 180 };
      return (await this.#tallyline.call<{ GatewayKey: { KeyId: string } }>('CreateGatewayKey', request)).GatewayKey
        .KeyId;
    }
    if (access === 'bedrock-key') {
      const request = { UserName: name, ServiceName: 'bedrock.amazonaws.com' };
      const answer = await this.#iam.get(PAYER)!.send(new CreateServiceSpecificCredentialCommand(request));
      return answer.ServiceSpecificCredential!.ServiceSpecificCredentialId!;
    }
    return (await this.#accessKey(PAYER, name)).accessKeyId;
  }

  async #profile({ name, profileOf, tags }: Application): Promise<void> {
    if (!profileOf) return;
    const { model, region } = profileOf;
    const bedrock = new BedrockClient(pastConfig({ ...this.#admin, region }, this.#offsetMs));
    const sourceArn = `arn:aws:bedrock:${region}:${PAYER}:inference-profile/${model}`;
    const request = { inferenceProfileName: name, modelSource: { copyFrom: sourceArn }, tags: profileTags(tags) };
    const { inferenceProfileArn: arn } = await bedrock.send(new CreateInferenceProfileCommand(request));
    bedrock.destroy();
    this.profiles.set(name, { arn: arn!, sourceArn, tags });
  }
}

/** What the application's own host may do: no tags of its choice, but for the gateway, which says whose people call. */
function trustOf({ name, sessions, team }: Application, arn: string): object {
  const trust = { Effect: 'Allow', Principal: { AWS: arn } };
  if (name === RUNAWAY_APPLICATION) return { ...trust, Action: ['sts:AssumeRole', 'sts:SetSourceIdentity'] };
  if (sessions.length === 0) {
    const Condition = {
      'ForAllValues:StringEquals': { 'aws:TagKeys': ['tenant'] },
      StringEquals: { 'aws:RequestTag/tenant': Object.keys(TENANTS) },
    };
    return { ...trust, Action: ['sts:AssumeRole', 'sts:TagSession'], Condition };
  }
  // Copied from somewhere, like all that the growth team has.
  return { ...trust, Action: team === 'growth' ? ['sts:AssumeRole', 'sts:TagSession'] : 'sts:AssumeRole' };
}

function profileTags(tags: FoundedPrincipal['tags']): { key: string; value: string }[] {
  return Object.entries(tags).map(([key, value]) => ({ key, value }));
}
