import { SqliteRecordStore } from '../src/adapters/sqlite-record-store.ts';
import { UpstreamSessions } from '../src/app/upstream-sessions.ts';
import { readConfig } from '../src/config.ts';

/** What upstreams are built with where nobody is going to call them. */
export const UPSTREAM_PARTS = {
  environment: {},
  defaultRegion: 'us-east-1',
  sessions: new UpstreamSessions(
    readConfig(),
    new SqliteRecordStore(':memory:', () => 0),
    () => 0,
    () => {},
  ),
  isManagementAccount: () => true,
  clock: () => 0,
  onTrouble: () => {},
};
