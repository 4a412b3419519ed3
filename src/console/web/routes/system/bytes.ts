const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB'] as const;

/** `16.2 MiB`: a size for people. */
export function bytes(count: string): string {
  let size = Number(count);
  let unit = 0;
  while (size >= 1_024 && unit < UNITS.length - 1) {
    size /= 1_024;
    unit += 1;
  }
  return `${unit === 0 ? size : size.toFixed(1)} ${UNITS[unit]}`;
}
