const USER = 'arn:aws:iam::123456789012:user/';
const DATA_SCIENCE = { 'iamPrincipal/team': 'BedrockDataScience', 'iamPrincipal/cost-center': '12345' };

/**
 * The table of scenario 1 of AWS's announcement (aws.amazon.com/blogs/machine-learning/
 * introducing-granular-cost-attribution-for-amazon-bedrock, 2026-04-17): principal, usage type, cost to four decimals,
 * exact cost, tags. The exact cost is quantity x regional price by hand: 21,000 x 3.30/1M, 13,000 x 16.50/1M, ...
 */
export const SCENARIO_1_ROWS = [
  [`${USER}user-1`, 'USE1-Claude4.6Sonnet-input-tokens', '0.0693', 0.0693, DATA_SCIENCE],
  [`${USER}user-1`, 'USE1-Claude4.6Sonnet-output-tokens', '0.2145', 0.2145, DATA_SCIENCE],
  [`${USER}user-2`, 'USE1-Claude4.6Opus-input-tokens', '0.1980', 0.198, DATA_SCIENCE],
  [`${USER}user-2`, 'USE1-Claude4.6Opus-output-tokens', '0.9900', 0.99, DATA_SCIENCE],
] as const;
