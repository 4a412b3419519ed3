/** Thousands apart: `4,200,000`. */
export function count(number: string | number): string {
  return `${number}`.replace(/\B(?=(\d{3})+$)/g, ',');
}
