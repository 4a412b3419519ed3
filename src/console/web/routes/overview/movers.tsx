import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { Delta, Money } from '../../components/figures.tsx';
import { NameBadge, shortName } from '../../components/name-badge.tsx';
import { Segmented } from '../../components/select.tsx';
import { EmptyState } from '../../components/states.tsx';
import { usePresent } from '../../display/present.ts';
import { choiceOf, type SearchParams, useViewState } from '../../display/view-state.ts';
import { shortModel } from '../../format/model-name.ts';
import { ChangeReasons } from '../../spend/change-reasons.tsx';
import { dayText } from '../../time/day-text.ts';
import { rangeOf } from '../../time/range.ts';
import type { Mover, MoverType, Overview } from './answer.ts';

const TYPES = ['PRINCIPAL', 'TEAM', 'MODEL'] as const satisfies readonly MoverType[];
const LABELS: Readonly<Record<MoverType, string>> = { PRINCIPAL: 'People and apps', TEAM: 'Teams', MODEL: 'Models' };
const PATHS = { PRINCIPAL: '/principals/$id', TEAM: '/teams/$id', MODEL: '/models/$id' } as const;

const parseView = (search: SearchParams) => ({
  moved: choiceOf(search, 'moved', ['principal', 'team', 'model']),
});

/** Whose cost changed most in the last seven whole days, or in the latest month of a bill by months, and why. */
export function Movers({ overview }: { readonly overview: Overview }): ReactElement {
  const { zone, isByMonth } = usePresent();
  const [{ moved }, set] = useViewState(parseView);
  const offered = TYPES.filter((type) => overview.Movers.some(({ Type }) => Type === type));
  const type = offered.find((one) => one === moved.toUpperCase()) ?? offered[0];
  const movers = overview.Movers.filter(({ Type }) => Type === type);
  const span = { startMs: Date.parse(overview.MoversFrom), endMs: Date.parse(overview.MoversTo) };
  return (
    <Card
      title="What moved"
      note={`${dayText(span.startMs, zone)} – ${dayText(span.endMs - 1, zone)} against the ${isByMonth ? 'month' : 'seven days'} before`}
      flush
      actions={
        offered.length > 1 &&
        type && (
          <Segmented
            label="Whose changes"
            value={type}
            options={offered.map((value) => ({ value, label: LABELS[value] }))}
            onChange={(next) => set({ moved: next === offered[0] ? undefined : next.toLowerCase() }, { replace: true })}
          />
        )
      }
    >
      {movers.length === 0 ? (
        <EmptyState title="Nothing moved" icon="same">
          {isByMonth ? 'The latest month' : 'The last seven whole days'} cost what the {isByMonth ? 'one' : 'seven'}{' '}
          before did, or nothing was called in either.
        </EmptyState>
      ) : (
        <ol className="movers">
          {movers.map((mover) => (
            <MoverLine key={mover.Value} mover={mover} overview={overview} range={rangeOf(span, zone)} />
          ))}
        </ol>
      )}
    </Card>
  );
}

function MoverLine(props: {
  readonly mover: Mover;
  readonly overview: Overview;
  readonly range: string;
}): ReactElement {
  const { mover, overview, range } = props;
  const { Type: type, Value: value, ChangeUsd: change } = mover;
  const more = !change.startsWith('-');
  const name = value === '' ? '' : type === 'MODEL' ? shortModel(value) : shortName(value);
  const word = type === 'TEAM' ? `tag:${overview.TeamTagKey}` : type.toLowerCase();
  const by = type === 'MODEL' ? 'principal' : 'model';
  return (
    <li className="mover">
      <div className="mover-head">
        <NameBadge name={value} none={type === 'TEAM' ? 'untagged' : 'no principal'}>
          {value === '' ? undefined : (
            <Link to={PATHS[type]} params={{ id: value } as never}>
              {name}
            </Link>
          )}
        </NameBadge>
        <span className="mover-figures">
          <b className={more ? 'mover-more' : 'mover-less'}>
            {more ? '+' : ''}
            <Money usd={change} />
          </b>
          <Delta now={mover.CostUsd} before={mover.PreviousUsd} good="down" />
        </span>
      </div>
      <p className="mover-why">
        <Money usd={mover.PreviousUsd} /> → <Money usd={mover.CostUsd} />
        {': '}
        <ChangeReasons change={mover} most={3} />{' '}
        <Link
          to="/why"
          aria-label={`Why ${name || 'untagged'}`}
          search={{ range, filter: `${word}=${value}` } as never}
        >
          Why?
        </Link>{' '}
        <Link
          to="/explorer"
          aria-label={`Explore ${name || 'untagged'}`}
          search={{ range, by, filter: `${word}=${value}`, compare: 'before' } as never}
        >
          Explore
        </Link>
      </p>
    </li>
  );
}
