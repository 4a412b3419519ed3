/** A policy as IAM's answers carry it: percent-encoded as in RFC 3986. */
export function encodedPolicy(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`);
}

/** Size against IAM's quotas: white space is free. */
export function policySize(text: string): number {
  return text.replace(/\s+/g, '').length;
}
