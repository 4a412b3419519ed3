import { type ReactElement, useState } from 'react';
import { call } from '../../api/call.ts';
import { Button } from '../../components/button.tsx';
import { saveFile } from '../../components/download.ts';
import { toast } from '../../components/toast.tsx';
import { sentence } from '../../format/sentence.ts';
import type { KeptDefinition } from './statement-calls.ts';

/** Journal entries of all months of a chargeback, for a ledger to take over. */
export function JournalButton({ definition }: { readonly definition: KeptDefinition }): ReactElement {
  const [isBusy, setBusy] = useState(false);
  const download = async () => {
    setBusy(true);
    try {
      const { DefinitionId, Prefix } = definition;
      const { Csv } = await call<{ Csv: string }>('tallyline', 'GetJournalEntries', { DefinitionId });
      saveFile(`journal-${Prefix}.csv`, new Blob([Csv], { type: 'text/csv' }));
    } catch (error) {
      toast(sentence((error as Error).message), 'bad');
    } finally {
      setBusy(false);
    }
  };
  return (
    <Button small icon="export" busy={isBusy} onClick={() => void download()}>
      Journal
    </Button>
  );
}
