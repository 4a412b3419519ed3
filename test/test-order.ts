import { BaseSequencer, type TestSpecification } from 'vitest/node';

/**
 * Files that take longer than a quarter of a minute, the longest first. Vitest knows no times in a fresh clone and would
 * begin with the largest files, so that at the end one worker waits for the other's minute.
 */
const SLOWEST = [
  'test/console/pages.test.ts',
  'test/bill/import.test.ts',
  'test/faults/process.test.ts',
  'test/secrets/master-key.test.ts',
  'test/simulation/kill.test.ts',
  'test/simulation/conservation.test.ts',
  'test/cur/delivery.test.ts',
  'test/console/spend-control.test.ts',
  'test/gateway/metering-faults.test.ts',
  'test/reports/report-path.test.ts',
  'test/store/crash.test.ts',
  'test/bill/log-import.test.ts',
  'test/console/allocate.test.ts',
  'test/wire/aws-cli.test.ts',
  'test/bill/imported-book.test.ts',
  'test/console/explorer.test.ts',
  'test/wire/bearer-keys.test.ts',
  'test/faults/cost-store.test.ts',
  'test/audit/records.test.ts',
  'test/reconciliation/two-tallylines.test.ts',
];

/** The slowest files begin, the rest follows in Vitest's order; pure unit tests, which take milliseconds, are the last. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = (file: TestSpecification) => {
      const index = SLOWEST.findIndex((path) => file.moduleId.endsWith(`/${path}`));
      return index < 0 ? SLOWEST.length : index;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}
