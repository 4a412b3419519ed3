import { Fault } from '../../kernel/fault.ts';

/**
 * The provider that an assertion names together with the role: its attribute Role holds `role,provider` or `provider,role`.
 * Only to spare an option; STS reads the assertion itself and believes the signature alone.
 */
export function samlProviderOf(assertion: string, roleArn: string): string {
  const xml = Buffer.from(assertion, 'base64').toString();
  const provider = String.raw`(arn:aws:iam::\d{12}:saml-provider/[\w+=,.@-]+?)`;
  const role = roleArn.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const found = new RegExp(String.raw`>\s*(?:${role}\s*,\s*${provider}|${provider}\s*,\s*${role})\s*<`).exec(xml);
  const arn = found?.[1] ?? found?.[2];
  if (arn === undefined) {
    throw new Fault('ConfigInvalid', `the assertion names no provider for \`${roleArn}\`: pass --saml-provider`);
  }
  return arn;
}
