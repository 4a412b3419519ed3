import type { Directory } from '../../identity/directory.ts';
import { findGatewayKeyCaller } from '../../identity/gateway-key-caller.ts';
import { CredentialRefused } from '../../wire/authentication-fault.ts';
import type { WireRequest } from '../../wire/exchange.ts';
import { readGatewayKey } from '../../wire/gateway-key.ts';
import { addressedRegion, type ProvenCaller, type RegionParts } from './proven-caller.ts';

export interface GatewayKeyParts extends RegionParts {
  readonly directory: Directory;
}

/**
 * Proves who presents a gateway key. Everything is looked up at every request: a key that is disabled, deleted, rotated
 * away or expired, or whose user or role is gone, is refused from the next one on. Words as for Bedrock API keys.
 */
export function proveGatewayKey(
  token: string,
  request: WireRequest,
  parts: GatewayKeyParts,
  nowMs: number,
): ProvenCaller {
  const presented = readGatewayKey(token);
  const found = findGatewayKeyCaller(parts.directory, presented);
  if (!found) throw new CredentialRefused('Authentication failed: Please make sure your gateway key is valid.');
  if (nowMs >= found.expiresAtMs) {
    throw new CredentialRefused(`Authentication failed: The gateway key ${presented.id} has expired.`);
  }
  const region = addressedRegion(request, parts) ?? parts.defaultRegion;
  parts.directory.noteKeyUse(presented.id, { atMs: nowMs, service: 'bedrock', region });
  return { caller: found.caller, region };
}
