/** Starts an engine in the folder that it is told and says its process id; the test then kills this process. */
import { ChdbEngine } from '../../src/adapters/chdb-engine.ts';

const engine = await ChdbEngine.start({ folder: process.argv[2]! });
process.stdout.write(`${engine.pid}\n`);
