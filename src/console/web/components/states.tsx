import type { ReactElement, ReactNode } from 'react';
import type { ApiError } from '../api/api-error.ts';
import { sentence } from '../format/sentence.ts';
import { Button } from './button.tsx';
import { Icon, type IconName } from './icon.tsx';

const WIDTHS = ['72%', '91%', '64%', '83%', '48%'];

/** Where an answer will stand, as high as it will be about, so that nothing jumps. */
export function Skeleton({ lines = 3, height }: { readonly lines?: number; readonly height?: number }): ReactElement {
  return (
    <div className="skeleton" role="status" aria-label="Loading" style={height === undefined ? {} : { height }}>
      {Array.from({ length: lines }, (_, index) => (
        <span key={WIDTHS[index % WIDTHS.length]! + String(index)} style={{ width: WIDTHS[index % WIDTHS.length] }} />
      ))}
    </div>
  );
}

/** There is nothing, why, and what to do about it. */
export function EmptyState(props: {
  readonly title: string;
  readonly icon?: IconName;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
}): ReactElement {
  return (
    <div className="state">
      <Icon name={props.icon ?? 'search'} size={22} />
      <p className="state-title">{props.title}</p>
      {props.children && <p>{props.children}</p>}
      {props.action}
    </div>
  );
}

function adviceOn(error: ApiError): string {
  if (error.isDenied)
    return 'Ask an administrator for the permission that it names. The navigation lists the pages that you may see.';
  if (error.status === 0) return 'Check that the server runs and that this computer reaches it.';
  if (error.isPassing) return 'It may pass: try again in a moment. System shows whether the server is well.';
  return 'Change what was asked for, and try again.';
}

/** What went wrong in the server's words, and what to do. */
export function ErrorState({
  error,
  onRetry,
}: {
  readonly error: ApiError;
  readonly onRetry?: () => void;
}): ReactElement {
  return (
    <div className="state" role="alert">
      <Icon name={error.isDenied ? 'key' : 'warning'} size={22} />
      <p className="state-title">{error.isDenied ? 'You may not see this' : 'This could not be loaded'}</p>
      <p>{sentence(error.message)}</p>
      <p className="small faint">
        <code>{error.code}</code> · {adviceOn(error)}
      </p>
      {onRetry && !error.isDenied && (
        <Button icon="retry" onClick={onRetry}>
          Try again
        </Button>
      )}
    </div>
  );
}

/** Says what is missing from what is shown; beside it, not in its place. */
export function PartialNotice(props: {
  readonly look?: 'warn' | 'bad' | 'plain';
  readonly children: ReactNode;
}): ReactElement {
  return (
    <div className={`notice ${props.look && props.look !== 'warn' ? `notice-${props.look}` : ''}`} role="status">
      <Icon name="warning" size={14} />
      <div>{props.children}</div>
    </div>
  );
}
