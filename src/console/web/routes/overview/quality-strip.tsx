import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { Count, Money } from '../../components/figures.tsx';
import { Icon } from '../../components/icon.tsx';
import { usePresent } from '../../display/present.ts';
import { percent } from '../../format/amounts.ts';
import { isZero, subtract } from '../../format/decimal.ts';
import { shortModel } from '../../format/model-name.ts';
import type { Overview } from './answer.ts';
import { monthRange } from './month-range.ts';

/** How well this month's figures are known: what is not, by how much, and where it lies. */
export function QualityStrip({ overview }: { readonly overview: Overview }): ReactElement {
  const range = monthRange(overview, usePresent().zone);
  const { Quality: quality, TeamTagKey: teamTagKey } = overview;
  const { CostUsd: cost, UntaggedUsd: untagged, UnattributedUsd: unattributed, EstimatedUsd: estimated } = quality;
  const ended = Number(quality.Interrupted) + Number(quality.Cut);
  return (
    <section className="quality" aria-label="How well this month is known">
      <Known
        label="names its caller"
        part={unattributed}
        whole={cost}
        search={{ range, by: 'usage-type', filter: 'principal=' }}
      >
        <Money usd={unattributed} /> names no principal
      </Known>
      <Known
        label={`carries ${teamTagKey}`}
        part={untagged}
        whole={cost}
        search={{ range, by: 'principal', filter: `tag:${teamTagKey}=` }}
      >
        {quality.IsTeamTagActive ? (
          <>
            <Money usd={untagged} /> is untagged
          </>
        ) : (
          <>
            the tag is not active: <Link to="/tags">activate it</Link>
          </>
        )}
      </Known>
      <Known
        label="has a price"
        part={quality.Unpriced}
        whole={quality.Quantity}
        search={{
          range,
          by: 'model',
          ...(quality.UnpricedModels[0] && { filter: `model=${quality.UnpricedModels.join('|')}` }),
        }}
      >
        <Count value={quality.Unpriced} short /> tokens of {quality.UnpricedModels.map(shortModel).join(', ')} have none
      </Known>
      <Known label="was measured" part={estimated} whole={cost} search={{ range, by: 'principal' }}>
        <Money usd={estimated} /> is estimated
      </Known>
      <Known
        label="calls ended whole"
        part={String(ended)}
        whole={quality.Calls}
        to="/requests"
        search={{ range, status: 'interrupted' }}
      >
        <Count value={quality.Interrupted} /> interrupted, <Count value={quality.Cut} /> cut off,{' '}
        <Count value={quality.Failed} /> failed
      </Known>
    </section>
  );
}

/** The known share, and what the rest is; all is well where there is no rest. */
function Known(props: {
  readonly label: string;
  readonly part: string;
  readonly whole: string;
  readonly to?: string;
  readonly search: Readonly<Record<string, string>>;
  readonly children: ReactNode;
}): ReactElement {
  const { part, whole } = props;
  const isWhole = isZero(part);
  return (
    <div className="quality-item" data-whole={isWhole}>
      <Link to={props.to ?? '/explorer'} search={props.search as never}>
        <Icon name={isWhole ? 'check' : 'warning'} size={14} />
        <b>{percent(subtract(whole, part), whole) ?? '–'}</b> {props.label}
      </Link>
      <small>{isWhole ? 'nothing is missing' : props.children}</small>
    </div>
  );
}
