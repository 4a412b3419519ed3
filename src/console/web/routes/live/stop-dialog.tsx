import { type ReactElement, useState } from 'react';
import { MINUTE_MS } from '../../../../kernel/time.ts';
import { useSession } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Dialog } from '../../components/dialog.tsx';
import { Field, Refusal } from '../../components/field.tsx';
import { Count, Money } from '../../components/figures.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { PartialNotice, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { sentence } from '../../format/sentence.ts';
import { ScopeBuilder } from '../../spend/scope-builder.tsx';
import { isFilled, type ScopeLine, type SpendScope, scopeOf, scopeText } from '../../spend/spend-scope.ts';
import { useSettled } from '../../spend/use-settled.ts';
import type { StopPreview } from './answers.ts';

interface StopInput {
  readonly Scope: SpendScope;
  readonly Reason: string;
  readonly ExpiresAt?: string;
  readonly CutStreams: boolean;
}

const MINUTES = [
  ['', 'until somebody lifts it'],
  ['15', '15 minutes'],
  ['60', '1 hour'],
  ['240', '4 hours'],
  ['1440', '1 day'],
] as const;

/** The kill switch: whom, why, for how long, and what it would hit; asked before anything happens. */
export function StopDialog(props: {
  readonly lines: readonly ScopeLine[];
  readonly onClose: () => void;
  /** It is in force. */
  readonly onStopped: () => void;
}): ReactElement {
  const { TeamTagKey } = useSession();
  const [lines, setLines] = useState(props.lines);
  const [reason, setReason] = useState('');
  const [minutes, setMinutes] = useState('');
  const [cuts, setCuts] = useState(false);
  const [isSure, setSure] = useState(false);
  const stop = useChange<object, StopInput>(
    'tallyline',
    'StopInference',
    ['tallyline', 'ListInferenceStops'],
    ['tallyline', 'GetLive'],
  );
  const isEverybody = lines.length === 0;
  const isReady = lines.every(isFilled) && reason.trim() !== '' && (!isEverybody || isSure);
  const submit = () =>
    stop.mutate(
      {
        ...{ Scope: scopeOf(lines), Reason: reason.trim(), CutStreams: cuts },
        ...(minutes !== '' && { ExpiresAt: new Date(Date.now() + Number(minutes) * MINUTE_MS).toISOString() }),
      },
      {
        onSuccess: () => {
          toast(`Stopped: ${scopeText(scopeOf(lines))}`);
          props.onStopped();
        },
      },
    );
  return (
    <Dialog
      title="Stop inference"
      wide
      onClose={props.onClose}
      foot={
        <>
          <Button onClick={props.onClose}>Cancel</Button>
          <Button look="danger" icon="stop" disabled={!isReady} busy={stop.isPending} onClick={submit}>
            {isEverybody ? 'Stop everybody' : 'Stop these calls'}
          </Button>
        </>
      }
    >
      <p className="soft">
        From the next call on, every call that matches is refused, on every node, with your reason.
      </p>
      <ScopeBuilder
        lines={lines}
        onChange={setLines}
        everybody="Everybody’s calls, of every model, at every door."
        tagKey={TeamTagKey}
      />
      <WouldHit lines={lines} />
      <Field label="Reason" hint="Callers read it in the refusal; it is in the audit log, too.">
        <input
          autoComplete="off"
          placeholder="importer in a loop, see incident 4711"
          value={reason}
          onChange={(event) => setReason(event.target.value)}
        />
      </Field>
      <div className="row">
        <Field label="For">
          <select value={minutes} onChange={(event) => setMinutes(event.target.value)}>
            {MINUTES.map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </select>
        </Field>
        <label className="check">
          <input type="checkbox" checked={cuts} onChange={(event) => setCuts(event.target.checked)} />
          Cut answers that are under way
        </label>
      </div>
      {isEverybody && (
        <label className="check">
          <input type="checkbox" checked={isSure} onChange={(event) => setSure(event.target.checked)} />
          Yes, stop everybody
        </label>
      )}
      <Refusal error={stop.error} />
    </Dialog>
  );
}

const LISTED = 5;
const EVERY_MS = 2_000;

/** What matched in the last hour, and is under way now. */
function WouldHit({ lines }: { readonly lines: readonly ScopeLine[] }): ReactElement {
  const settled = useSettled(lines);
  const isReady = settled.every(isFilled);
  const { data, error } = useCall<StopPreview>(
    'tallyline',
    'PreviewInferenceStop',
    { Scope: scopeOf(settled) },
    { enabled: isReady, everyMs: EVERY_MS },
  );
  if (!isReady) return <p className="would-hit faint">Say whose calls, and what that would hit is shown here.</p>;
  if (error) return <p className="would-hit field-error">{sentence(error.message)}</p>;
  if (!data) return <Skeleton lines={3} height={92} />;
  const others = data.PrincipalCount - Math.min(LISTED, data.Principals.length);
  return (
    <div className="would-hit" role="status">
      <p>
        {data.PrincipalCount === 0 ? (
          <strong>Nobody called like that in the last hour.</strong>
        ) : (
          <>
            <strong>
              <Count value={data.Calls} /> {data.Calls === 1 ? 'call' : 'calls'}
            </strong>{' '}
            of {data.PrincipalCount} {data.PrincipalCount === 1 ? 'principal' : 'principals'} in the last hour,{' '}
            <Money usd={data.CostUsd} />; <strong>{data.InFlight} under way</strong> now
          </>
        )}{' '}
        <span className="faint small">
          · known since <TimeText at={data.Since} />
        </span>
      </p>
      <ul className="row">
        {data.Principals.slice(0, LISTED).map(({ Principal, Calls }) => (
          <li key={Principal} className="chip">
            <NameBadge name={Principal} /> {Calls}
          </li>
        ))}
        {others > 0 && <li className="faint small">and {others} more</li>}
      </ul>
      {data.IsPartial && (
        <PartialNotice>More callers than can be told apart were busy: it may hit others, too.</PartialNotice>
      )}
    </div>
  );
}
