/** Content type of an AWS JSON answer. */
export function awsJsonType({ jsonVersion = '1.1' }: { readonly jsonVersion?: '1.0' }): string {
  return `application/x-amz-json-${jsonVersion}`;
}
