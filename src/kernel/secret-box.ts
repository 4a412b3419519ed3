/** Port: encryption at rest under the installation's master key. Both throw when the key or the text is not right. */
export interface SecretBox {
  /** Sealed text (base64url). `purpose` is authenticated: what was sealed for one purpose does not open for another. */
  seal(purpose: string, plaintext: string): string;
  open(purpose: string, sealed: string): string;
}
