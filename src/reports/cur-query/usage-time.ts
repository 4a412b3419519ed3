/** First and last instant of the time bucket around `bucket_start`, by TIME_GRANULARITY. */
export const USAGE_TIME: Readonly<Record<string, readonly [start: string, end: string]>> = {
  HOURLY: ['toStartOfHour(bucket_start)', 'usage_start + INTERVAL 1 HOUR'],
  DAILY: ['toStartOfDay(bucket_start)', 'usage_start + INTERVAL 1 DAY'],
  MONTHLY: ['period_start', 'period_end'],
};
