/** Content type of an AWS JSON answer. */
export function awsJsonType({ jsonVersion }: { readonly jsonVersion?: '1.0' }): string {
  return `application/x-amz-json-${jsonVersion ?? '1.1'}`;
}
