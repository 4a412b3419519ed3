// Preloaded by servers whose tests move time while they run: SIGUSR2 makes the clock go on from the instant in CLOCK_FILE.
import { readFileSync } from 'node:fs';

const { now } = Date;
const read = () => Number(readFileSync(process.env.CLOCK_FILE!, 'utf8')) - now();
let offsetMs = read();
Date.now = () => now() + offsetMs;
process.on('SIGUSR2', () => {
  offsetMs = read();
});
