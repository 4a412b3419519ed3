import type { ReactElement, ReactNode } from 'react';
import { colourIndexOf } from '../format/name-colour.ts';

/** Dot in a colour of the theme: `--name-3`, `--other`. */
export function Swatch({ colour, round }: { readonly colour: string; readonly round?: boolean }): ReactElement {
  return (
    <svg className="swatch" width="9" height="9" viewBox="0 0 10 10" aria-hidden="true">
      <rect width="10" height="10" rx={round ? 5 : 3} fill={`var(${colour})`} />
    </svg>
  );
}

/** A name with its colour, which is the same everywhere. Empty: what to call that, in italics and without a colour. */
export function NameBadge(props: {
  readonly name: string;
  /** Shown in place of the name, which then is in the title. */
  readonly children?: ReactNode;
  /** For an empty name: `untagged`. */
  readonly none?: string;
}): ReactElement {
  if (props.name === '')
    return (
      <span className="name-badge name-none">
        <Swatch colour="--untagged" round />
        <span>{props.none ?? 'none'}</span>
      </span>
    );
  return (
    <span className="name-badge" title={props.name}>
      <Swatch colour={`--name-${colourIndexOf(props.name) + 1}`} round />
      <span>{props.children ?? shortName(props.name)}</span>
    </span>
  );
}

/** `role/Analyst/alice` of an ARN that only differs from others behind its account; anything else as it is. */
export function shortName(name: string): string {
  const resource = /^arn:(?:[^:]*:){4}(.+)$/.exec(name)?.[1];
  return resource?.replace(/^(assumed-role|user|role|foundation-model)\//, '') ?? name;
}
