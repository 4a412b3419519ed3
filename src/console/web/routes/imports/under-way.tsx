import type { ReactElement } from 'react';
import { useCall } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { DeliveryFindings } from './findings.tsx';
import type { ImportUnderWay } from './import-calls.ts';

/** What the columns of a bill that is being read cannot answer: its import can still be cancelled. */
export function UnderWay({ importId }: { readonly importId: string }): ReactElement | null {
  const { data } = useCall<ImportUnderWay>(
    ...(['tallyline', 'GetBillImport', { ImportId: importId }, { everyMs: 1_000 }] as const),
  );
  const deliveries = data?.Deliveries ?? [];
  if (deliveries.every(({ Findings }) => Findings.length === 0)) return null;
  return (
    <Card title="What the bill that is being read cannot answer">
      <DeliveryFindings deliveries={deliveries} />
    </Card>
  );
}
