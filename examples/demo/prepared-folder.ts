import { importAwsBill } from './bill-import.ts';
import { deliverExport } from './billing.ts';
import { type DemoFoundation, type FoundationOptions, foundDemo } from './foundation.ts';
import { furnishDemo } from './furnishing.ts';
import { startServerProcess } from './server-process.ts';

/**
 * Makes a data folder with the organisation, all set up, and no server running: start one with
 * `tallyline serve --data FOLDER --config FOLDER/tallyline.yaml`, on the folder or on a copy of it. Takes some ten seconds, fewer
 * with fewer days or a smaller scale.
 */
export async function prepareDemoFolder(options: FoundationOptions): Promise<DemoFoundation> {
  const foundation = await foundDemo(options);
  const server = await startServerProcess(options.dataFolder, foundation.configFile);
  try {
    await furnishDemo(server.admin, foundation);
    await deliverExport(server.admin);
    await importAwsBill(server.admin, { ...foundation, dataFolder: options.dataFolder });
  } finally {
    await server.stop();
  }
  return foundation;
}
