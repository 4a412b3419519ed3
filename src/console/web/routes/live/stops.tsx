import type { ReactElement } from 'react';
import { useMay } from '../../api/session.ts';
import { useCall, useChange } from '../../api/use-call.ts';
import { Button } from '../../components/button.tsx';
import { Icon } from '../../components/icon.tsx';
import { shortName } from '../../components/name-badge.tsx';
import { TimeText } from '../../components/time.tsx';
import { toast } from '../../components/toast.tsx';
import { sentence } from '../../format/sentence.ts';
import { scopeText } from '../../spend/spend-scope.ts';
import type { InferenceStop } from './answers.ts';

/** Who is stopped now, with the way to lift it. Nothing where nobody is. */
export function Stops({
  everyMs,
  onResumed,
}: {
  readonly everyMs: number | undefined;
  readonly onResumed: () => void;
}): ReactElement | null {
  const may = useMay('tallyline:ResumeInference');
  const { data } = useCall<{ readonly InferenceStops: readonly InferenceStop[] }>(
    'tallyline',
    'ListInferenceStops',
    {},
    { ...(everyMs !== undefined && { everyMs }) },
  );
  const resume = useChange<object, { readonly StopId: string }>(
    'tallyline',
    'ResumeInference',
    ['tallyline', 'ListInferenceStops'],
    ['tallyline', 'GetLive'],
  );
  if (!data || data.InferenceStops.length === 0) return null;
  return (
    <section className="stops" aria-label="Inference is stopped">
      <ul>
        {data.InferenceStops.map(({ StopId, Scope, Reason, ExpiresAt, CutStreams, CreatedAt, CreatedBy }) => (
          <li key={StopId} className="row spread">
            <div className="row">
              <Icon name="stop" size={18} />
              <span>
                <strong>Stopped: {scopeText(Scope)}</strong> · {Reason}
                <br />
                <span className="small">
                  since <TimeText at={CreatedAt} show="second" /> by {shortName(CreatedBy)},{' '}
                  {ExpiresAt ? (
                    <>
                      until <TimeText at={ExpiresAt} show="second" zoneHidden />
                    </>
                  ) : (
                    'until it is lifted'
                  )}
                  {CutStreams && ', answers under way were cut'}
                </span>
              </span>
            </div>
            <Button
              disabled={!may('tallyline:ResumeInference')}
              busy={resume.isPending && resume.variables.StopId === StopId}
              onClick={() =>
                resume.mutate(
                  { StopId },
                  {
                    onSuccess: () => {
                      toast(`Resumed: ${scopeText(Scope)}`);
                      onResumed();
                    },
                  },
                )
              }
            >
              Resume
            </Button>
          </li>
        ))}
      </ul>
      {resume.error && <p role="alert">{sentence(resume.error.message)}</p>}
    </section>
  );
}
