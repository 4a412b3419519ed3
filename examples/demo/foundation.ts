import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { serve } from '../../src/app.ts';
import { readProfile } from '../../src/cli/profile.ts';
import { readConfig } from '../../src/config.ts';
import { MINUTE_MS } from '../../src/kernel/time.ts';
import { writeConsoleProfiles } from './console-profiles.ts';
import { demoConfig } from './demo-config.ts';
import { type Founded, foundDirectory } from './founding.ts';
import { type WrittenHistory, writeHistory } from './history.ts';
import { dayMs, HISTORY_DAYS } from './timeline.ts';

/** The organisation before its server starts: its directory and its past. */
export interface DemoFoundation extends Founded, WrittenHistory {
  /** First instant of the history. */
  readonly startMs: number;
  readonly nowMs: number;
  /** Of the server that is to be started on the data folder. */
  readonly configFile: string;
}

export interface FoundationOptions {
  /** New or empty. */
  readonly dataFolder: string;
  readonly nowMs: number;
  /** Whole days before today that have calls. Default 60. */
  readonly days?: number;
  /** Calls as a share of the full history's, about 190,000. Default 1. */
  readonly scale?: number;
  /** Certificate of an identity provider that the server shall trust. */
  readonly caFile?: string;
}

/**
 * Founds the organisation: a server whose clock is set back makes the directory through the AWS APIs, and ends; then the
 * calls since are written to its journal. The next server on this folder, started with `configFile`, finds them there and
 * brings them into the cost store within seconds; `furnish` does the rest.
 */
export async function foundDemo(options: FoundationOptions): Promise<DemoFoundation> {
  const { dataFolder, nowMs, days = HISTORY_DAYS, scale = 1, caFile } = options;
  mkdirSync(dataFolder, { recursive: true });
  const configFile = join(dataFolder, 'tallyline.yaml');
  writeFileSync(configFile, JSON.stringify(demoConfig({ nowMs, ...(caFile !== undefined && { caFile }) }), null, 2));
  const startMs = dayMs(nowMs, days);
  const founded = await foundInThePast(dataFolder, configFile, startMs - 30 * MINUTE_MS);
  writeConsoleProfiles(dataFolder, founded);
  const written = await writeHistory({ dataFolder, founded, nowMs, days, scale });
  const { users, roles, profiles, runtimeKeys, accessKeys } = founded;
  return { ...{ users, roles, profiles, runtimeKeys, accessKeys }, ...written, startMs, nowMs, configFile };
}

async function foundInThePast(dataFolder: string, configFile: string, atMs: number): Promise<Founded> {
  const offsetMs = atMs - Date.now();
  const config = readConfig(configFile);
  const listen = { ...config.listen, port: 0 };
  const server = await serve({ ...config, listen }, dataFolder, {}, () => Date.now() + offsetMs);
  try {
    const { accessKeyId, secretAccessKey, region } = readProfile(dataFolder, {});
    const admin = { endpoint: server.url, region, credentials: { accessKeyId, secretAccessKey } };
    return await foundDirectory(admin, offsetMs);
  } finally {
    await server.close('the directory is made');
  }
}
