/** Where bills may be imported from. */
export interface ImportConfig {
  /** Folders of the server's machine, with all that is below them. */
  readonly folders: readonly string[];
  /** By name. */
  readonly buckets: Readonly<Record<string, ImportBucketConfig>>;
  /** How often watched sources are looked at. */
  readonly watchMinutes: number;
  /** What may be sent to the server, all together, in GiB. 0: nothing. */
  readonly uploadGib: number;
}

export interface ImportBucketConfig {
  /** Absent: Amazon S3. */
  readonly endpoint?: string;
  /** Absent: the installation's. */
  readonly region?: string;
  /** Absent: true with an endpoint. */
  readonly pathStyle?: boolean;
  /** The folder whose keys may be read: compared by whole names between slashes. Empty: the whole bucket. */
  readonly prefix: string;
  /** Absent, with its secret: the AWS SDK's own chain of credentials. */
  readonly accessKeyIdEnv?: string;
  readonly secretAccessKeyEnv?: string;
  readonly sessionTokenEnv?: string;
}
