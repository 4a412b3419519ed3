/** A message of the server, which begins small and ends without a stop, as a sentence among others. */
export function sentence(message: string): string {
  const text = message.trim();
  // Names stay as they are: an ARN, something in backticks.
  const first = /^arn:/.test(text) ? text.charAt(0) : text.charAt(0).toUpperCase();
  return `${first}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}
