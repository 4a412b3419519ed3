/**
 * What of the usage whoever asks may see: that which agrees with every member. It stands beside the filter of a question and
 * never inside it, so that no filter widens it. Absent members leave that open; without any, all usage is visible.
 */
export interface Visibility {
  readonly accountId?: string;
  readonly principalArn?: string;
  /** A tag that principals carried at the call, whether it was active as a cost allocation tag or not. Never an empty value. */
  readonly principalTag?: { readonly key: string; readonly value: string };
}

/** Everything. */
export const ALL_USAGE: Visibility = {};

/**
 * What must hold of a row of `line_item` or of `usage_event`, which name these columns alike. `text` makes a value a parameter
 * of the statement.
 */
export function visibleConditions(
  { accountId, principalArn, principalTag }: Visibility,
  text: (value: string) => string,
): string[] {
  // Rows without the tag show an empty value, which would make them a team of their own.
  if (principalTag?.value === '') throw new RangeError(`an empty value of the tag ${principalTag.key}`);
  return [
    ...(accountId === undefined ? [] : [`account_id = ${text(accountId)}`]),
    ...(principalArn === undefined ? [] : [`principal_arn = ${text(principalArn)}`]),
    ...(principalTag ? [`principal_tags[${text(principalTag.key)}] = ${text(principalTag.value)}`] : []),
  ];
}
