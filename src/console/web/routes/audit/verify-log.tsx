import type { ReactElement } from 'react';
import { useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { count } from '../../format/amounts.ts';
import { sentence } from '../../format/sentence.ts';

interface Verified {
  readonly Records: string;
  readonly HeadSequence: string;
  readonly HeadChain: string;
  readonly Findings: readonly string[];
}

/** Recomputes the chain over every record, so that whoever changed or removed one is found out. */
export function VerifyLog(): ReactElement {
  const verify = useChange<Verified>('tallyline', 'VerifyAuditLog');
  const { data } = verify;
  return (
    <>
      <Button icon="check" busy={verify.isPending} onClick={() => verify.mutate({})}>
        Verify the log
      </Button>
      {(data || verify.error) && (
        <Dialog title={data?.Findings.length === 0 ? 'The log is whole' : 'The log'} onClose={() => verify.reset()}>
          {verify.error && <p role="alert">{sentence(verify.error.message)}</p>}
          {data && (
            <dl className="facts">
              <div className="facts-row">
                <dt>Records</dt>
                <dd className="figures">{count(data.Records)}</dd>
              </div>
              <div className="facts-row">
                <dt>Head</dt>
                <dd>
                  <code>{data.HeadSequence}</code> <code>{data.HeadChain.slice(0, 16)}</code>
                </dd>
              </div>
              {data.Findings.map((finding) => (
                <div className="facts-row" key={finding}>
                  <dt>Finding</dt>
                  <dd>{sentence(finding)}</dd>
                </div>
              ))}
            </dl>
          )}
        </Dialog>
      )}
    </>
  );
}
