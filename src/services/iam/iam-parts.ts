import type { Directory } from '../../identity/directory.ts';
import type { RandomBytes } from '../../identity/identifier.ts';
import type { SamlVerifier } from '../../identity/saml-verifier.ts';

/** What the operations of IAM work with. */
export interface IamParts {
  readonly directory: Directory;
  readonly random: RandomBytes;
  readonly saml: Pick<SamlVerifier, 'readMetadata'>;
}
