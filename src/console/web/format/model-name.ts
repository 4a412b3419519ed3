/** `claude-haiku-4-5` of `anthropic.claude-haiku-4-5-20251001-v1:0`: without the vendor, the date and the version. */
export function shortModel(modelId: string): string {
  const name = /^[a-z0-9]+\.(.+)$/.exec(modelId)?.[1] ?? modelId;
  return name.replace(/(-\d{8})?(-v\d+)?(:\d+)?$/, '');
}
