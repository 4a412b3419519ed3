import { Fault } from '../../src/kernel/fault.ts';
import { type Answer, Installation, type Keys, MANAGEMENT, policy } from './installation.ts';
import { AWS_SIGN_IN, type SamlIdp, type SamlPerson, type SamlSettings } from './saml-idp.ts';

export const PROVIDER = `arn:aws:iam::${MANAGEMENT}:saml-provider/corp`;
export const ROLE = `arn:aws:iam::${MANAGEMENT}:role/Shared`;
export const ALL_SAML = ['sts:AssumeRoleWithSAML', 'sts:TagSession', 'sts:SetSourceIdentity'];

/** A person with what every login needs. */
export function person(attributes: SamlPerson['attributes'] = {}, nameId = 'user-1'): SamlPerson {
  return { nameId, attributes: { Role: `${ROLE},${PROVIDER}`, RoleSessionName: 'user-1@acme.org', ...attributes } };
}

/** An installation that trusts a running identity provider with one shared role; its clock is the provider's. */
export class SamlSetup {
  readonly installation: Installation;
  readonly admin: Keys;
  readonly idp: SamlIdp;

  private constructor(installation: Installation, admin: Keys, idp: SamlIdp) {
    this.installation = installation;
    this.admin = admin;
    this.idp = idp;
  }

  static async start(idp: SamlIdp): Promise<SamlSetup> {
    const { installation, admin } = await Installation.start();
    installation.nowMs = Date.now();
    const setup = new SamlSetup(installation, admin, idp);
    await setup.call('CreateSAMLProvider', { Name: 'corp', SAMLMetadataDocument: await idp.metadata() });
    await setup.role('Shared', { StringEquals: { 'saml:aud': AWS_SIGN_IN } });
    return setup;
  }

  call(operation: string, input: object = {}): Promise<Answer> {
    return this.installation.call(operation, this.admin, input);
  }

  /** A role that trusts the provider under a condition; `seconds` is the longest session. */
  async role(
    name: string,
    condition: object = {},
    options: { readonly actions?: readonly string[]; readonly seconds?: number } = {},
  ): Promise<string> {
    const { actions = ALL_SAML, seconds } = options;
    const statement = { Effect: 'Allow', Principal: { Federated: PROVIDER }, Action: actions, Condition: condition };
    const { Role } = await this.call('CreateRole', {
      RoleName: name,
      AssumeRolePolicyDocument: policy(statement),
      MaxSessionDuration: seconds,
    });
    return Role.Arn;
  }

  /** Presents a response: base64, or XML that is put into it. */
  present(response: string, input: object = {}): Promise<Answer> {
    const SAMLAssertion = response.startsWith('<') ? Buffer.from(response).toString('base64') : response;
    return this.installation.federate('AssumeRoleWithSAML', {
      ...{ RoleArn: ROLE, PrincipalArn: PROVIDER, SAMLAssertion },
      ...input,
    });
  }

  /** The whole login of a person. */
  async assume(who: SamlPerson, settings: SamlSettings = {}, input: object = {}): Promise<Answer> {
    return await this.present(await this.idp.login(who, settings), input);
  }
}

/** The code and the message of the Fault that the promise fails with. */
export async function faultOf(promise: Promise<unknown>): Promise<readonly [code: string, message: string]> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Fault) return [error.code, error.message];
    throw error;
  }
  throw new Error('nothing was refused');
}

export function xmlOf(response: string): string {
  return Buffer.from(response, 'base64').toString();
}
