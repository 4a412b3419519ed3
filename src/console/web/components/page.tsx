import { type ReactElement, type ReactNode, useEffect } from 'react';

/** The frame of a page: its heading, what it is about in a sentence, buttons, and filters for all that is below. */
export function Page(props: {
  readonly title: string;
  /** In place of the title, when that needs more than text. */
  readonly heading?: ReactNode;
  readonly about?: ReactNode;
  readonly actions?: ReactNode;
  readonly filters?: ReactNode;
  readonly children?: ReactNode;
}): ReactElement {
  useEffect(() => {
    document.title = `${props.title} · Tallyline`;
  }, [props.title]);
  return (
    <div className="page">
      <header className="page-head">
        <div>
          <h1>{props.heading ?? props.title}</h1>
          {props.about && <p>{props.about}</p>}
        </div>
        {props.actions && <div className="row">{props.actions}</div>}
      </header>
      {props.filters && <div className="page-filters">{props.filters}</div>}
      {props.children}
    </div>
  );
}
