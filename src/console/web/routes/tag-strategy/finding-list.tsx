import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { CodeBlock } from '../../components/code-block.tsx';
import { CopyButton } from '../../components/copy-button.tsx';
import { Money } from '../../components/figures.tsx';
import { Icon } from '../../components/icon.tsx';
import { NameBadge } from '../../components/name-badge.tsx';
import { TimeText } from '../../components/time.tsx';
import { sentence } from '../../format/sentence.ts';
import type { Fix, Holder } from './findings.ts';

/** One finding: what it is, and behind it whose usage it is and what changes that. */
export function FindingList(props: {
  readonly title: ReactNode;
  readonly note: string;
  readonly costUsd: string;
  /** The costliest first. */
  readonly holders: readonly Holder[];
  /** How many there are in all; absent: not known. */
  readonly of?: number;
}): ReactElement {
  const { holders, of } = props;
  const commands = commandsOf(holders);
  return (
    <details className="finding">
      <summary>
        <Icon name="right" size={14} />
        <span className="finding-title">
          <span>{props.title}</span>
          <small className="faint">{props.note}</small>
        </span>
        <Money usd={props.costUsd} />
      </summary>
      <div className="finding-body">
        {holders.length === 0 && <p className="faint">Nobody carries it in this range any more.</p>}
        {holders.map((holder) => (
          <HolderFixes key={`${holder.TagKey} ${holder.Value} ${holder.Subject}`} holder={holder} />
        ))}
        {commands.length > 1 && (
          <div>
            <CopyButton text={commands.join('\n')} what={`${commands.length} commands`}>
              {`Copy all ${commands.length} commands`}
            </CopyButton>
          </div>
        )}
        {of !== undefined && of > holders.length && (
          <p className="faint small">{`The ${holders.length} with the most spend of ${of.toLocaleString('en-US')}.`}</p>
        )}
      </div>
    </details>
  );
}

function HolderFixes({ holder }: { readonly holder: Holder }): ReactElement {
  const { Subject, TagKey, Value, CostUsd, LastUsedAt, Fixes } = holder;
  const isPrincipal = TagKey.startsWith('iamPrincipal/');
  return (
    <section className="holder">
      <header className="row spread">
        <span className="row">
          {isPrincipal ? (
            <Link to="/principals/$id" params={{ id: Subject } as never}>
              <NameBadge name={Subject} />
            </Link>
          ) : (
            <NameBadge name={Subject} />
          )}
          {Value !== '' && <span className="chip">{Value}</span>}
        </span>
        <span className="row small">
          <Money usd={CostUsd} />
          <span className="faint">
            last <TimeText at={LastUsedAt} />
          </span>
        </span>
      </header>
      {Fixes.map((fix) => (
        <FixText key={fix.Text} fix={fix} />
      ))}
    </section>
  );
}

function FixText({ fix: { Text, Code } }: { readonly fix: Fix }): ReactElement {
  return (
    <div className="fix">
      <p className="soft small">{withCode(sentence(Text))}</p>
      {Code !== undefined && (
        <CodeBlock text={atThisServer(Code)} what={isCommand(Code) ? 'the command' : 'the text'} />
      )}
    </div>
  );
}

/** Text between backticks as code. */
function withCode(text: string): ReactNode[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={part}>{part}</code> : part));
}

/** The first command of each holder, each once. */
function commandsOf(holders: readonly Holder[]): string[] {
  const first = holders.flatMap(
    ({ Fixes }) => Fixes.find(({ Code }) => Code !== undefined && isCommand(Code))?.Code ?? [],
  );
  return [...new Set(first.map(atThisServer))];
}

function isCommand(code: string): boolean {
  return /^(aws|tallyline) /.test(code);
}

/** The AWS CLI has to be told which server. */
function atThisServer(code: string): string {
  return code.startsWith('aws ') ? `${code} --endpoint-url ${location.origin}` : code;
}
