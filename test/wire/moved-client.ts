import { TallylineClient } from '../../src/cli/client.ts';
import { readProfile } from '../../src/cli/profile.ts';
import type { TestServer } from '../server.ts';

/** A client of Tallyline's own operations whose clock is as far off as the server's. */
export function movedClient(server: TestServer, offsetMs: number): TallylineClient {
  return new TallylineClient(readProfile(server.data, {}), () => Date.now() + offsetMs);
}
