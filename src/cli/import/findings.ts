/** What turns something on. */
export interface BillRemedy {
  readonly Commands?: readonly string[];
  readonly Console?: string;
}

/** What a bill cannot answer, and what turns it on. */
export interface BillFinding extends BillRemedy {
  readonly Code: string;
  readonly Text: string;
}

/** A delivery before its rows are read. */
export interface LookedAtDelivery {
  readonly Findings: readonly BillFinding[];
  /** What turns all of it on at once. */
  readonly Remedy?: BillRemedy;
}

/** Each finding once, with what turns it on. */
export function findingTexts(findings: readonly BillFinding[]): string[] {
  return [...Map.groupBy(findings, ({ Code }) => Code).values()].map((same) => {
    const { Text, ...remedy } = same.at(-1)!;
    return [`! ${Text}`, ...remedyLines(remedy)].join('\n');
  });
}

/** The same of deliveries; where the last one lacks several things, with the one change that turns all of them on. */
export function deliveryFindingTexts(deliveries: readonly LookedAtDelivery[]): string[] {
  const texts = findingTexts(deliveries.flatMap(({ Findings }) => Findings));
  const { Findings = [], Remedy } = deliveries.at(-1) ?? {};
  const isOne = Findings.filter(({ Commands }) => Commands !== undefined).length < 2;
  if (!Remedy || isOne) return texts;
  return [...texts, ['all that the export can have, in one change:', ...remedyLines(Remedy)].join('\n')];
}

function remedyLines({ Commands = [], Console }: BillRemedy): string[] {
  const lines = [...Commands, ...(Console === undefined ? [] : [`or: ${Console}`])];
  return lines.map((line) => `    ${line}`);
}
