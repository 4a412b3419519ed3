import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';

/** A box with a heading. `flush`: the content reaches the edges, as tables do. `busy`: its content is of the question before. */
export function Card(props: {
  readonly title?: ReactNode;
  readonly note?: ReactNode;
  readonly actions?: ReactNode;
  readonly foot?: ReactNode;
  readonly flush?: boolean;
  readonly busy?: boolean;
  readonly children: ReactNode;
}): ReactElement {
  return (
    <section className="card" aria-busy={props.busy ?? false}>
      {props.busy && <Busy />}
      {(props.title || props.actions) && (
        <div className="card-head">
          <h2>
            {props.title}
            {props.note && <small>{props.note}</small>}
          </h2>
          {props.actions && <div className="row">{props.actions}</div>}
        </div>
      )}
      <div className={`card-body ${props.flush ? 'card-body-flush' : ''}`}>{props.children}</div>
      {props.foot && <div className="card-foot">{props.foot}</div>}
    </section>
  );
}

/** A moving line at the upper edge of the box around it. */
export function Busy(): ReactElement {
  return <div className="busy-line" />;
}

/** One figure. With `to`, an address inside the console, the figure leads to its evidence. Several stand in a `<div className="grid-4">`. */
export function Stat(props: {
  readonly label: string;
  readonly value: ReactNode;
  /** A change, a share, a date: small, below. */
  readonly note?: ReactNode;
  readonly to?: string;
  readonly search?: Readonly<Record<string, string>>;
}): ReactElement {
  const content = (
    <dl>
      <dt>{props.label}</dt>
      <dd className="stat-value">{props.value}</dd>
      <dd className="stat-note">{props.note}</dd>
    </dl>
  );
  if (props.to === undefined) return <div className="stat">{content}</div>;
  return (
    <Link className="stat" to={props.to} search={(props.search ?? {}) as never}>
      {content}
    </Link>
  );
}
