import type { ReactElement } from 'react';
import { Money } from '../components/figures.tsx';
import { compare, multiply } from '../format/decimal.ts';
import { shortModel } from '../format/model-name.ts';
import type { ChangeReason, SpendChange } from './spend-change.ts';

/** What a reason is called where it raised the cost, and where it lowered it. */
const REASON_WORDS: Readonly<Record<ChangeReason['Reason'], readonly [rise: string, fall: string]>> = {
  newPrincipals: ['new principals', 'new principals'],
  gonePrincipals: ['principals that are gone', 'principals that are gone'],
  periodLength: ['a longer period', 'a shorter period'],
  volume: ['more calls', 'fewer calls'],
  modelMix: ['dearer models', 'cheaper models'],
  routeMix: ['dearer routes', 'cheaper routes'],
  tierMix: ['dearer tiers', 'cheaper tiers'],
  tokensPerRequest: ['longer calls', 'shorter calls'],
  outputShare: ['more of it written', 'less of it written'],
  cacheShare: ['less from the cache', 'more from the cache'],
  price: ['higher prices', 'lower prices'],
  tagging: ['tagged to here', 'tagged away'],
  otherCharges: ['other charges', 'other charges'],
};

export function reasonWord({ Reason: reason, ChangeUsd: change }: ChangeReason): string {
  return REASON_WORDS[reason][change.startsWith('-') ? 1 : 0];
}

/** A reason that made less than this part of the largest one is not worth a place in a sentence. */
const WORTH_TELLING = '0.1';

/** The largest reasons of a change as a sentence; what is left out is smaller. */
export function ChangeReasons({ change, most }: { readonly change: SpendChange; readonly most: number }): ReactElement {
  const size = ({ ChangeUsd: usd }: ChangeReason) => usd.replace('-', '');
  const largest = change.Reasons[0] ? multiply(size(change.Reasons[0]), WORTH_TELLING) : '0';
  const told = change.Reasons.filter((reason) => compare(size(reason), largest) >= 0).slice(0, most);
  return (
    <>
      {told.map((reason, index) => (
        <span key={reason.Reason}>
          {index > 0 && ', '}
          {reasonWord(reason)} <ReasonFigures reason={reason} />
        </span>
      ))}
      {'.'}
    </>
  );
}

/** `(1,840 → 2,610 calls, +$70.13)`. */
function ReasonFigures({ reason }: { readonly reason: ChangeReason }): ReactElement {
  const { ModelId: modelId, Text: text, ChangeUsd: usd } = reason;
  return (
    <span className="soft">
      ({modelId !== undefined && <span title={modelId}>{shortModel(modelId)} </span>}
      {text}, {usd.startsWith('-') ? '' : '+'}
      <Money usd={usd} />)
    </span>
  );
}
