import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { prepareDemoFolder } from '../../examples/demo/prepared-folder.ts';
import { profileFiles, readSection } from '../../src/cli/profile.ts';
import { startServer, type TestServer, temporaryFolder } from '../server.ts';
import type { Credentials } from './console.ts';

/** Environment variable with the folder that the processes of one test run share. */
const FOLDER = 'TALLYLINE_DEMO_DATA';
/** A tenth of the demo's calls: all that happened in them is to be seen, and it takes seconds. */
const SCALE = 0.1;
const POLL_MS = 100;
/** Time of a hook that calls `startDemoServer`: whoever asks first prepares the organisation. */
export const PREPARATION_MS = 240_000;

/** Before the first test of a run: nothing is prepared until a test asks for it. */
export function setup(): void {
  process.env[FOLDER] = mkdtempSync(join(tmpdir(), 'tallyline-demo-data-'));
}

export function teardown(): void {
  rmSync(process.env[FOLDER]!, { recursive: true, force: true });
}

export interface DemoServer extends TestServer {
  /** Sees every figure, and no secrets. */
  readonly finance: Credentials;
  /** `bella` of the team data-science: sees her own figures and her team's. */
  readonly member: Credentials;
}

/** A server with the organisation of `npm run demo`, fresh, on a folder of its own; that goes by `removeFolders`. */
export async function startDemoServer(): Promise<DemoServer> {
  const data = temporaryFolder('demo');
  cpSync(await preparedFolder(), data, { recursive: true });
  const config = JSON.parse(readFileSync(join(data, 'tallyline.yaml'), 'utf8')) as object;
  const server = await startServer({ data, config });
  return { ...server, finance: keysOf(data, 'finance'), member: keysOf(data, 'member') };
}

/** Prepared once in a run, by whoever asks first; the others wait. */
async function preparedFolder(): Promise<string> {
  const folder = process.env[FOLDER]!;
  const ready = join(folder, 'ready');
  const underWay = join(folder, 'under-way');
  while (!existsSync(ready)) {
    if (isMade(underWay)) {
      try {
        const dataFolder = join(underWay, 'data');
        await prepareDemoFolder({ dataFolder, nowMs: Date.now(), scale: SCALE });
        renameSync(dataFolder, ready);
      } finally {
        rmSync(underWay, { recursive: true, force: true });
      }
    }
    await setTimeout(POLL_MS);
  }
  return ready;
}

function isMade(folder: string): boolean {
  try {
    mkdirSync(folder);
    return true;
  } catch {
    return false;
  }
}

function keysOf(data: string, profile: string): Credentials {
  const { credentials } = profileFiles(data);
  const section = readSection(credentials, profile)!;
  return { accessKeyId: section.get('aws_access_key_id')!, secretAccessKey: section.get('aws_secret_access_key')! };
}
