import { mkdirSync } from 'node:fs';
import { Fault } from '../kernel/fault.ts';

/** Makes the data folder, for its owner alone, unless it is there. Throws DataFolderUnusable. */
export function makeDataFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    const reason = (error as Error).message;
    throw new Fault(
      'DataFolderUnusable',
      `cannot make the data folder \`${folder}\`: ${reason}; choose another with --data`,
    );
  }
}
