const PROVIDER = 'anthropic.';

/** Anthropic's own name of a model: `claude-haiku-4-5-20251001` for `anthropic.claude-haiku-4-5-20251001-v1:0`. */
export function anthropicName(modelId: string): string {
  return modelId.startsWith(PROVIDER) ? modelId.slice(PROVIDER.length).replace(/-v\d+(?::\d+)?$/, '') : modelId;
}

/**
 * Every name under which Anthropic's own API knows a model; none for the models of others. Besides the dated name there is
 * the alias without the date, which for a first model of a generation ends in `-0` (`claude-opus-4-0`), and for the third
 * generation in `-latest`.
 */
export function anthropicNames(modelId: string): readonly string[] {
  if (!modelId.startsWith(PROVIDER)) return [];
  const name = anthropicName(modelId);
  const undated = name.replace(/-\d{8}$/, '');
  if (undated === name) return [name];
  if (undated.startsWith('claude-3')) return [name, `${undated}-latest`];
  return [name, /^claude-[a-z]+-\d+$/.test(undated) ? `${undated}-0` : undated];
}
