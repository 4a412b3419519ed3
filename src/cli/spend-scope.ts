import type { Command } from 'commander';
import { Fault } from '../kernel/fault.ts';
import { collect } from './repeated-option.ts';

/** Whose calls budgets and stops are about, as options. */
export interface ScopeOptions {
  readonly principal: readonly string[];
  readonly role: readonly string[];
  readonly tag: readonly string[];
  readonly account: readonly string[];
  readonly model: readonly string[];
  readonly key: readonly string[];
}

export interface WireScope {
  readonly Principals?: readonly string[];
  readonly Roles?: readonly string[];
  readonly Tags?: readonly { readonly Key: string; readonly Value: string }[];
  readonly Accounts?: readonly string[];
  readonly Models?: readonly string[];
  readonly Keys?: readonly string[];
}

/** Several values of one option: any of them; several options: all of them. */
export function scopeOptions(command: Command): Command {
  const several = (flag: string, text: string) => command.option(flag, `${text}; repeat for more`, collect, []);
  several('--principal <arn>', 'ARN that the bill names, with * and ?');
  several('--role <arn>', 'ARN of a role without its path, with * and ?');
  several('--tag <key=value>', 'principal tag, the value with * and ?');
  several('--account <id>', 'account');
  several('--model <id>', 'model id, with * and ?');
  return several('--key <id>', 'id of an access key, Bedrock API key or gateway key');
}

export function wireScope({ principal, role, tag, account, model, key }: ScopeOptions): WireScope {
  return {
    ...(principal.length > 0 && { Principals: principal }),
    ...(role.length > 0 && { Roles: role }),
    ...(tag.length > 0 && { Tags: tag.map(readTag) }),
    ...(account.length > 0 && { Accounts: account }),
    ...(model.length > 0 && { Models: model }),
    ...(key.length > 0 && { Keys: key }),
  };
}

function readTag(text: string): { Key: string; Value: string } {
  const at = text.indexOf('=');
  if (at > 0) return { Key: text.slice(0, at), Value: text.slice(at + 1) };
  throw new Fault('QueryInvalid', `--tag \`${text}\` is not valid: use KEY=VALUE`);
}

export function scopeText({ Principals, Roles, Tags, Accounts, Models, Keys }: WireScope): string {
  const tags = Tags?.map(({ Key, Value }) => `${Key}=${Value}`);
  const parts = [Principals, Roles, tags, Accounts, Models, Keys].filter((values) => values !== undefined);
  return parts.map((values) => values.join(' or ')).join(', ') || 'everybody';
}
