/** The standing watch over principals, roles, tag values and models. */
export interface DetectionConfig {
  readonly enabled: boolean;
  /** Subjects of one kind that are watched by themselves. */
  readonly subjects: number;
  /** Prefixed keys, such as `iamPrincipal/team`. Absent: the active cost allocation tags, up to eight. */
  readonly tagKeys?: readonly string[];
  /** A finding in an imported bill is told of where it began at most so many days ago. */
  readonly billNoticeDays: number;
  readonly subscribers: readonly {
    readonly type: 'EMAIL' | 'SNS';
    readonly address: string;
    readonly minSeverity: 'low' | 'medium' | 'high';
    readonly minImpactUsd: number;
  }[];
}
