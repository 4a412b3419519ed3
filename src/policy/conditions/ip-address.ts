/** The bytes of an address: 4 (IPv4) or 16 (IPv6). */
export type IpAddress = readonly number[];

export interface IpRange {
  readonly address: IpAddress;
  readonly prefixBits: number;
}

/** Undefined when the text is no address. An IPv4 address in IPv6 form (`::ffff:192.0.2.1`) is an IPv4 address. */
export function parseIpAddress(text: string): IpAddress | undefined {
  if (!text.includes(':')) return parseIpv4(text);
  const bytes = parseIpv6(text);
  const isMapped = bytes?.slice(0, 12).every((byte, index) => byte === (index < 10 ? 0 : 0xff));
  return isMapped ? bytes!.slice(12) : bytes;
}

/** CIDR notation; without a prefix length the range is the one address. */
export function parseIpRange(text: string): IpRange | undefined {
  const [addressText, prefixText, ...rest] = text.split('/');
  const address = parseIpAddress(addressText!);
  if (!address || rest.length > 0) return undefined;
  const maxBits = address.length * 8;
  if (prefixText === undefined) return { address, prefixBits: maxBits };
  if (!/^\d{1,3}$/.test(prefixText)) return undefined;
  const isMapped = address.length === 4 && addressText!.includes(':');
  const prefixBits = Number(prefixText) - (isMapped ? 96 : 0);
  return prefixBits >= 0 && prefixBits <= maxBits ? { address, prefixBits } : undefined;
}

export function isInIpRange(address: IpAddress, range: IpRange): boolean {
  if (address.length !== range.address.length) return false;
  const wholeBytes = Math.floor(range.prefixBits / 8);
  for (let index = 0; index < wholeBytes; index++) if (address[index] !== range.address[index]) return false;
  const mask = 0xff & (0xff00 >> (range.prefixBits % 8));
  return mask === 0 || (address[wholeBytes]! & mask) === (range.address[wholeBytes]! & mask);
}

function parseIpv4(text: string): IpAddress | undefined {
  const parts = text.split('.');
  // No leading zeros: some readers take them for octal.
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part))) return undefined;
  const bytes = parts.map(Number);
  return bytes.every((byte) => byte <= 255) ? bytes : undefined;
}

function parseIpv6(text: string): IpAddress | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half) => (half === '' ? [] : parseIpv6Groups(half)));
  if (!head || (halves.length === 2 && !tail)) return undefined;
  if (halves.length === 1) return head.length === 16 ? head : undefined;
  const missing = 16 - head.length - tail!.length;
  return missing >= 2 ? [...head, ...new Array<number>(missing).fill(0), ...tail!] : undefined;
}

/** Groups of four hexadecimal digits; the last two may be written as IPv4. */
function parseIpv6Groups(text: string): number[] | undefined {
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (index === groups.length - 1 && group.includes('.')) {
      const embedded = parseIpv4(group);
      if (!embedded) return undefined;
      bytes.push(...embedded);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
      const value = Number.parseInt(group, 16);
      bytes.push(value >> 8, value & 0xff);
    }
  }
  return bytes.length <= 16 ? bytes : undefined;
}
