import type { Directory } from '../../identity/directory.ts';
import type { Role } from '../../identity/role.ts';
import { parseArn, roleArn } from '../../kernel/arn.ts';
import { TAG_PREFIX } from '../../kernel/billing-tag-key.ts';
import { type PolicyDocument, parsePolicyDocument } from '../../policy/policy-document.ts';
import type { TagHolder } from '../../reports/tag-holders.ts';
import { shellWord } from './shell-word.ts';

/** One way to give later calls another tag; calls that were made keep what they had. */
export interface TagFix {
  readonly text: string;
  /** A command of a shell, or what an identity provider has to put into its tokens; absent: nothing to copy. */
  readonly code?: string;
}

/** What a subject's later calls are to carry. */
export interface WantedTag {
  /** Prefixed. */
  readonly key: string;
  readonly value: string;
}

/** Stands for a value that only people know. */
export const SOME_VALUE = 'VALUE';

/** Ways to give the subject the wanted tag, the one that fits best first. What it has now is in `holder`. */
export function tagFixes(holder: TagHolder, wanted: WantedTag, directory: Directory): TagFix[] {
  if (wanted.key.startsWith(TAG_PREFIX.account)) return [accountFix(holder.subject, bareKey(wanted.key), wanted.value)];
  if (wanted.key.startsWith(TAG_PREFIX.resource))
    return [resourceFix(holder.subject, bareKey(wanted.key), wanted.value)];
  return principalFixes(holder, { key: bareKey(wanted.key), value: wanted.value }, directory);
}

function bareKey(key: string): string {
  return key.slice(key.indexOf('/') + 1);
}

function accountFix(accountId: string, key: string, value: string): TagFix {
  return {
    text: `tag the account \`${accountId}\``,
    code: `tallyline account tag ${accountId} ${shellWord(`${key}=${value}`)}`,
  };
}

function resourceFix(arn: string, key: string, value: string): TagFix {
  if (parseArn(arn)?.resource.startsWith('application-inference-profile/')) {
    const code = `aws bedrock tag-resource --resource-arn ${shellWord(arn)} --tags ${tagWord('key', key, value)}`;
    return { text: 'tag the application inference profile', code };
  }
  const copyFrom = shellWord(`copyFrom=${arn}`);
  return {
    text: 'a model has no tags: call it through an application inference profile that has them',
    code: `aws bedrock create-inference-profile --inference-profile-name NAME --model-source ${copyFrom} --tags ${tagWord('key', key, value)}`,
  };
}

function principalFixes(holder: TagHolder, wanted: WantedTag, directory: Directory): TagFix[] {
  const arn = parseArn(holder.subject);
  const [kind = '', ...names] = (arn?.resource ?? '').split('/');
  if (kind === 'root') return [{ text: 'the root user has no tags: call as a user or a role' }];
  if (kind === 'federated-user') {
    const code = `aws sts get-federation-token --name ${shellWord(names.join('/'))} --tags ${tagWord('Key', wanted.key, wanted.value)}`;
    return [{ text: 'whoever opens the session passes the tag', code }];
  }
  if (kind === 'user') return [userFix(names.at(-1)!, holder, wanted, directory)];
  if (kind === 'assumed-role') return roleFixes(names, holder, wanted, directory);
  return [{ text: `tag \`${holder.subject}\`` }];
}

function userFix(userName: string, { accountId }: TagHolder, wanted: WantedTag, directory: Directory): TagFix {
  if (!directory.user(accountId, userName))
    return { text: `the user \`${userName}\` is deleted: its calls stay as they are` };
  const code = `aws iam tag-user --user-name ${shellWord(userName)} --tags ${tagWord('Key', wanted.key, wanted.value)}`;
  return { text: `tag the user \`${userName}\``, code };
}

function roleFixes(
  [roleName = '', sessionName = '']: readonly string[],
  holder: TagHolder,
  wanted: WantedTag,
  directory: Directory,
): TagFix[] {
  const role = directory.role(holder.accountId, roleName);
  if (!role) return [{ text: `the role \`${roleName}\` is deleted: its calls stay as they are` }];
  const ofRole: TagFix = {
    text: `tag the role \`${roleName}\`, for every session that passes no \`${wanted.key}\` of its own`,
    code: `aws iam tag-role --role-name ${shellWord(roleName)} --tags ${tagWord('Key', wanted.key, wanted.value)}`,
  };
  if (holder.value !== '' && hasTag(role, wanted.key, holder.value)) return [ofRole];
  const ofSession = federatedFixes(role, wanted);
  const session = `--role-session-name ${shellWord(sessionName)} --tags ${tagWord('Key', wanted.key, wanted.value)}`;
  const assumed: TagFix = {
    text: 'whoever assumes the role passes the tag',
    code: `aws sts assume-role --role-arn ${shellWord(roleArn(role.accountId, role.path, role.name))} ${session}`,
  };
  const sessions = ofSession.length > 0 ? ofSession : [assumed];
  // What one session lacks, the role can give to all; a value that a session brought along wins over the role's.
  return holder.value === '' ? [...sessions, ofRole] : sessions;
}

function hasTag({ tags }: Role, key: string, value: string): boolean {
  return [...tags].some(([name, own]) => name.toLowerCase() === key.toLowerCase() && own === value);
}

/** What the identity providers that the role trusts have to say of the person. */
function federatedFixes(role: Role, { key, value }: WantedTag): TagFix[] {
  return trustedProviders(role).map((provider) => {
    if (provider.includes(':saml-provider/')) {
      const name = `https://aws.amazon.com/SAML/Attributes/PrincipalTag:${key}`;
      return {
        text: `\`${provider}\` puts the attribute into its assertions`,
        code: `<Attribute Name="${xmlText(name)}"><AttributeValue>${xmlText(value)}</AttributeValue></Attribute>`,
      };
    }
    return {
      text: `\`${provider}\` puts the claim into its tokens`,
      code: JSON.stringify({ 'https://aws.amazon.com/tags': { principal_tags: { [key]: [value] } } }),
    };
  });
}

function trustedProviders({ trustPolicy }: Role): string[] {
  let document: PolicyDocument;
  try {
    document = parsePolicyDocument('trust', trustPolicy);
  } catch {
    return [];
  }
  const allowing = document.statements.filter(({ effect }) => effect === 'Allow');
  return [...new Set(allowing.flatMap(({ principals }) => principals?.ids.get('Federated') ?? []))];
}

/** `Key=team,Value=ds` of the AWS CLI, in JSON where its shorthand would take the text apart. */
function tagWord(keyName: 'Key' | 'key', key: string, value: string): string {
  const valueName = keyName === 'Key' ? 'Value' : 'value';
  const isPlain = [key, value].every((text) => /^[\p{L}\p{N}_.:/@+ -]+$/u.test(text) && text === text.trim());
  return shellWord(
    isPlain ? `${keyName}=${key},${valueName}=${value}` : JSON.stringify([{ [keyName]: key, [valueName]: value }]),
  );
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
