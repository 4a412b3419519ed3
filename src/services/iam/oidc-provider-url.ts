import { providerUrlOf } from '../../identity/oidc-provider.ts';
import { Fault } from '../../kernel/fault.ts';

/** Host names, IPv4 addresses and IPv6 addresses in brackets. */
const HOST = /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\])$/;

/**
 * The URL of a new provider as it is kept, without `https://`. AWS refuses a port; here it is allowed, because an
 * identity provider inside a company often has one. Throws ValidationException or InvalidInputException; the texts are
 * those that AWS is reported to answer, unverified.
 */
export function readProviderUrl(text: string): string {
  const [, scheme, rest] = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#].*)$/s.exec(text) ?? [];
  if (scheme === undefined || rest === undefined) {
    throw new Fault('ValidationException', 'Invalid Open ID Connect Provider URL');
  }
  const url = providerUrlOf(text);
  if (url === undefined) {
    throw new Fault('InvalidInputException', 'Invalid Open ID Connect Provider URL. The URL must begin with https://.');
  }
  if (!isPlain(text, url)) throw new Fault('InvalidInputException', 'Invalid Open ID Connect Provider URL.');
  return url;
}

/** No user, no query, no fragment, nothing that a client would change before it asks. */
function isPlain(text: string, url: string): boolean {
  if (!/^[\x21-\x7e]+$/.test(url) || /[?#@\\*]/.test(url) || !URL.canParse(text)) return false;
  const { pathname } = new URL(text);
  const slash = url.indexOf('/');
  const authority = slash < 0 ? url : url.slice(0, slash);
  const [, host, port] = /^(.*?)(?::(\d{1,5}))?$/.exec(authority)!;
  if (!HOST.test(host!) || Number(port ?? 443) > 65_535) return false;
  return pathname === (slash < 0 ? '/' : url.slice(slash));
}
