import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import type { ApiError } from '../api/api-error.ts';
import { sentence } from '../format/sentence.ts';
import { Button } from './button.tsx';
import { Page } from './page.tsx';
import { PartialNotice } from './states.tsx';
import './form-page.css';

/** A page that is one long form, and what comes of it beside, which stays in sight. */
export function FormPage(props: {
  readonly title: string;
  readonly about?: ReactNode;
  /** Address of the list that the thing stands in. */
  readonly list: string;
  readonly isNew: boolean;
  readonly isReady: boolean;
  /** The change that `onSubmit` asks for. */
  readonly asked: { readonly isPending: boolean; readonly error: ApiError | null };
  readonly onSubmit: () => void;
  /** Cards of fields. */
  readonly children: ReactNode;
  readonly aside: ReactNode;
  /** In the full width, below both. */
  readonly foot?: ReactNode;
}): ReactElement {
  const { asked } = props;
  return (
    <Page
      title={props.title}
      about={props.about}
      actions={
        <>
          <Link className="button button-plain" to={props.list}>
            Cancel
          </Link>
          <Button look="primary" disabled={!props.isReady} busy={asked.isPending} onClick={props.onSubmit}>
            {props.isNew ? 'Create' : 'Keep'}
          </Button>
        </>
      }
    >
      {asked.error && <PartialNotice look="bad">{sentence(asked.error.message)}</PartialNotice>}
      <div className="form-page">
        <div className="stack">{props.children}</div>
        <div className="stack form-page-aside">{props.aside}</div>
      </div>
      {props.foot}
    </Page>
  );
}
