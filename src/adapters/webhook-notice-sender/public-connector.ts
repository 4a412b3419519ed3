import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { buildConnector } from 'undici';

export interface AddressRule {
  /** False: only addresses of the public internet are connected to. */
  readonly allowPrivateAddresses: boolean;
}

/** What is not the public internet (IANA special-purpose address registries, checked 2026-11). */
const NOT_PUBLIC_4 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const) {
  NOT_PUBLIC_4.addSubnet(network, prefix, 'ipv4');
}
/**
 * All but global unicast: 2000::/3 without what is set aside in it, among that 6to4 and Teredo. A list of its own, because
 * one for both families takes an IPv4 address for the same as its mapped form.
 */
const NOT_PUBLIC_6 = new BlockList();
for (const [network, prefix] of [
  ['::', 3],
  ['4000::', 2],
  ['8000::', 1],
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
] as const) {
  NOT_PUBLIC_6.addSubnet(network, prefix, 'ipv6');
}

export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 0) return false;
  return family === 4 ? !NOT_PUBLIC_4.check(address, 'ipv4') : !NOT_PUBLIC_6.check(address, 'ipv6');
}

/**
 * Connects to public addresses only. The address that was looked up is the one that is connected to, so a name cannot be
 * answered otherwise in between.
 */
export function publicConnector(
  options: buildConnector.BuildOptions,
  { allowPrivateAddresses }: AddressRule,
): buildConnector.connector {
  if (allowPrivateAddresses) return buildConnector(options);
  const connect = buildConnector({ ...options, lookup: publicLookup } as buildConnector.BuildOptions);
  return (target, callback) => {
    const host = target.hostname.replace(/^\[|\]$/g, '');
    // A literal address is not looked up.
    if (isIP(host) !== 0 && !isPublicAddress(host)) callback(notPublic(host), null);
    else connect(target, callback);
  };
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    if (error) return callback(error, '');
    const isAllPublic = addresses.every(({ address }) => isPublicAddress(address));
    if (addresses.length === 0 || !isAllPublic) return callback(notPublic(hostname), '');
    if (options.all) return callback(null, addresses);
    callback(null, addresses[0]!.address, addresses[0]!.family);
  });
};

function notPublic(host: string): Error {
  return new Error(`\`${host}\` is no public address; \`allowPrivateAddresses\` of the web hook would allow it`);
}
