// Preloaded by servers whose tests need another month: moves their clock by CLOCK_OFFSET_MS.
const offsetMs = Number(process.env.CLOCK_OFFSET_MS);
const { now } = Date;
Date.now = () => now() + offsetMs;
