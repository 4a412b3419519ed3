import { useSearch } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useSession } from '../../api/session.ts';
import { copyText } from '../../components/copy-button.tsx';
import { Icon } from '../../components/icon.tsx';
import { Popover } from '../../components/popover.tsx';
import { toast } from '../../components/toast.tsx';
import type { SearchParams } from '../../display/view-state.ts';
import { sentence } from '../../format/sentence.ts';
import { getReportSql } from '../../report/get-report.ts';
import type { Answer } from './answer.ts';
import { awsCommand, cliCommand, curlCommand, linkOf, topOf } from './commands.ts';
import { oneQuestion } from './question.ts';

async function copySql({ question }: Answer, top: number): Promise<void> {
  try {
    await copyText(await getReportSql(oneQuestion(question, top)), 'the statement');
  } catch (error) {
    toast(sentence((error as Error).message), 'bad');
  }
}

/** The view for somebody else, or for another tool. */
export function ShareMenu({ answer }: { readonly answer: Answer }): ReactElement {
  const search = useSearch({ strict: false }) as SearchParams;
  const { Region } = useSession();
  const { question } = answer;
  const top = topOf(answer);
  const aws = awsCommand(location.origin, question);
  const items: readonly (readonly [label: string, what: string, text: string])[] = [
    ['Link to this view', 'the link', linkOf(location.origin, location.pathname, search, question)],
    ['tallyline command', 'the command', cliCommand(question, top)],
    ...(aws === undefined ? [] : [['AWS CLI command', 'the command', aws] as const]),
    ['curl command', 'the command', curlCommand(location.origin, Region, question, top)],
  ];
  return (
    <Popover label="Copy as" side="right" button={{ icon: 'link', children: 'Copy as' }}>
      {(close) => (
        <div className="menu-list">
          {items.map(([label, what, text]) => (
            <button
              key={label}
              type="button"
              className="menu-item"
              title={text}
              onClick={() => {
                void copyText(text, what);
                close();
              }}
            >
              <Icon name="copy" size={14} />
              <span className="grow">{label}</span>
            </button>
          ))}
          <button
            type="button"
            className="menu-item"
            onClick={() => {
              void copySql(answer, top);
              close();
            }}
          >
            <Icon name="copy" size={14} />
            <span className="grow">SQL of the store</span>
          </button>
        </div>
      )}
    </Popover>
  );
}
