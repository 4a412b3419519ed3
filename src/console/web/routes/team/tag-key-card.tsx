import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useMay } from '../../api/session.ts';
import { useCall } from '../../api/use-call.ts';
import { Card } from '../../components/card.tsx';
import { shortName } from '../../components/name-badge.tsx';
import { ErrorState, Skeleton } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';

interface Answer {
  readonly Tags: readonly {
    readonly Status: string;
    readonly Shown: readonly { readonly From: string; readonly Until?: string }[];
    readonly Switches?: readonly { readonly Status: string; readonly At: string; readonly By: string }[];
  }[];
}

/** From when to when the team tag is shown in bills, and who switched it; nothing for who may not see that. */
export function TagKeyCard({ tagKey }: { readonly tagKey: string }): ReactElement | null {
  const isShown = useMay('tallyline:GetTagHistory')('tallyline:GetTagHistory');
  const { data, error, refetch } = useCall<Answer>(
    'tallyline',
    'GetTagHistory',
    { TagKey: `iamPrincipal/${tagKey}` },
    { enabled: isShown },
  );
  if (!isShown) return null;
  const [tag] = data?.Tags ?? [];
  return (
    <Card title={`The tag ${tagKey}`} actions={<Link to="/tags">All tags</Link>}>
      {error && !data ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : !data ? (
        <Skeleton lines={3} height={70} />
      ) : (
        <div className="stack">
          <p>
            <span className={`chip ${tag?.Status === 'Active' ? 'chip-good' : 'chip-warn'}`}>
              {tag?.Status ?? 'unknown'}
            </span>{' '}
            as a cost allocation tag
          </p>
          <ul className="reasons small">
            {tag?.Shown.map(({ From: from, Until: until }) => (
              <li key={from}>
                shown for usage since <TimeText at={from} show="date" zoneHidden />
                {until !== undefined && (
                  <>
                    {' '}
                    until <TimeText at={until} show="date" zoneHidden />
                  </>
                )}
              </li>
            ))}
            {tag?.Switches?.map(({ Status: status, At: at, By: by }) => (
              <li key={`${at} ${status}`} className="soft">
                {status.toLowerCase()} on <TimeText at={at} zoneHidden /> by {shortName(by)}
              </li>
            ))}
          </ul>
        </div>
      )}
    </Card>
  );
}
