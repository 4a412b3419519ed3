// Preloaded by servers whose tests move time while they run: SIGUSR2 makes the clock go on from the instant in CLOCK_FILE,
// and what was read is written beside it.
import { readFileSync, writeFileSync } from 'node:fs';

const { now } = Date;
const read = () => Number(readFileSync(process.env.CLOCK_FILE!, 'utf8')) - now();
let offsetMs = read();
Date.now = () => now() + offsetMs;
process.on('SIGUSR2', () => {
  offsetMs = read();
  writeFileSync(`${process.env.CLOCK_FILE}.seen`, readFileSync(process.env.CLOCK_FILE!));
});
