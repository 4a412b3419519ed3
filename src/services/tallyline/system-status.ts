import type { OperationHandler } from '../../paths/operation-handler.ts';
import { managementOnly } from './management-only.ts';

/** How this installation does, in figures; what is wrong with it is the diagnosis's to say. */
export interface SystemStatus {
  readonly nodeId: string;
  /** Nodes that are alive; absent where there can be one alone. */
  readonly nodeIds?: readonly string[];
  readonly isLeader: boolean;
  readonly startedAtMs: number;
  /** Resident memory of the server's process, without the engine. */
  readonly memoryBytes: number;
  readonly diskFreeBytes: number;
  readonly journal: {
    readonly durability: string;
    /** Of what is not in the store yet, or in flight. */
    readonly bytes: number;
    readonly requestsInFlight: number;
  };
  readonly store: {
    /** `embedded`, or the server's URL. */
    readonly place: string;
    /** Why usage does not get there; absent when it does. */
    readonly trouble?: string;
    readonly tables: readonly { readonly name: string; readonly rows: string; readonly bytes: string }[];
  };
}

export interface SystemStatusParts {
  readonly managementAccountId: string;
  readonly systemStatus: () => Promise<SystemStatus>;
}

export function getSystemStatus(parts: SystemStatusParts): OperationHandler<object, unknown> {
  const row = managementOnly(parts.managementAccountId, 'can look at the installation');
  return row('GetSystemStatus', async () => {
    const { nodeId, nodeIds, isLeader, startedAtMs, memoryBytes, diskFreeBytes, journal, store } =
      await parts.systemStatus();
    return {
      NodeId: nodeId,
      ...(nodeIds && { NodeIds: nodeIds }),
      IsLeader: isLeader,
      StartedAt: new Date(startedAtMs),
      MemoryBytes: String(memoryBytes),
      DiskFreeBytes: String(diskFreeBytes),
      Journal: {
        Durability: journal.durability,
        Bytes: String(journal.bytes),
        RequestsInFlight: journal.requestsInFlight,
      },
      Store: {
        Place: store.place,
        ...(store.trouble !== undefined && { Trouble: store.trouble }),
        Tables: store.tables.map(({ name, rows, bytes }) => ({ Name: name, Rows: rows, Bytes: bytes })),
      },
    };
  });
}
