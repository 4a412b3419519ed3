/** What a bill cannot answer, and what turns it on. */
export interface BillFinding {
  readonly Code: string;
  readonly Text: string;
  readonly Commands?: readonly string[];
  readonly Console?: string;
}

/** Each finding once, with what turns it on. */
export function findingTexts(findings: readonly BillFinding[]): string[] {
  return [...Map.groupBy(findings, ({ Code }) => Code).values()].map((same) => {
    const { Text, Commands = [], Console } = same.at(-1)!;
    const remedies = [...Commands, ...(Console === undefined ? [] : [`or: ${Console}`])];
    return [`! ${Text}`, ...remedies.map((line) => `    ${line}`)].join('\n');
  });
}
