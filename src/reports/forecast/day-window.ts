/** Whole days, counted from the end of the history. */
export interface DayWindow {
  /** Days before it. */
  readonly skippedDays: number;
  readonly days: number;
}
