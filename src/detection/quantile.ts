/** The value that this part of the values does not exceed; 0 for no values. Sorts the array it is given. */
export function quantileOf(values: Float32Array, part: number): number {
  if (values.length === 0) return 0;
  values.sort();
  return values[Math.min(values.length - 1, Math.floor(part * values.length))]!;
}

/** 0 for no values. Sorts the array it is given. */
export function medianOf(values: Float32Array): number {
  if (values.length === 0) return 0;
  values.sort();
  const middle = values.length >> 1;
  return values.length % 2 === 1 ? values[middle]! : (values[middle - 1]! + values[middle]!) / 2;
}
