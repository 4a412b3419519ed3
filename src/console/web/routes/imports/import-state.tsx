import type { ReactElement } from 'react';
import { useMay } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Count } from '../../components/figures.tsx';
import type { ImportUnderWay, ListedImport } from './import-calls.ts';

const CHIPS: Readonly<Record<string, string>> = { done: 'chip chip-good', failed: 'chip chip-bad' };

/** How an import ended, or how far it is. */
export function ImportState({ listed }: { readonly listed: ListedImport }): ReactElement {
  const { ImportId, State } = listed;
  const isOpen = listed.EndedAt === undefined;
  const may = useMay('tallyline:CancelBillImport');
  const cancel = useChange('tallyline', 'CancelBillImport', ['tallyline', 'ListBillImports']);
  const { data } = useCall<ImportUnderWay>(
    ...(['tallyline', 'GetBillImport', { ImportId }, { enabled: isOpen, everyMs: 1_000 }] as const),
  );
  if (!isOpen) return <span className={CHIPS[State] ?? 'chip'}>{State}</span>;
  const progress = data?.Progress;
  return (
    <span className="row">
      <span className="chip chip-warn">{progress?.Step ?? State}</span>
      {progress && (
        <span className="small figures">
          {progress.FilesDone} of {progress.FilesTotal} files, <Count value={progress.RowsDone} /> rows
        </span>
      )}
      {may('tallyline:CancelBillImport') && (
        <Button small busy={cancel.isPending} onClick={() => cancel.mutate({ ImportId })}>
          Cancel
        </Button>
      )}
    </span>
  );
}
