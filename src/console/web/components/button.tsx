import type { ButtonHTMLAttributes, ReactElement } from 'react';
import { Icon, type IconName } from './icon.tsx';

export interface ButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className'> {
  readonly look?: 'primary' | 'plain' | 'ghost' | 'danger';
  readonly small?: boolean;
  readonly icon?: IconName;
  /** Shown and announced as at work; presses do nothing. */
  readonly busy?: boolean;
}

/** Without children it is an icon, and needs an `aria-label`. */
export function Button({ look = 'plain', small, icon, busy, children, onClick, ...rest }: ButtonProps): ReactElement {
  const classes = ['button', `button-${look}`, small && 'button-small', children === undefined && 'button-icon'];
  return (
    <button
      type="button"
      {...rest}
      className={classes.filter(Boolean).join(' ')}
      {...(rest['aria-label'] !== undefined && { title: rest['aria-label'] })}
      {...(busy && { 'aria-disabled': true, 'aria-busy': true })}
      onClick={busy ? undefined : onClick}
    >
      {icon && <Icon name={icon} size={small ? 14 : 16} />}
      {children}
      {busy && '…'}
    </button>
  );
}
