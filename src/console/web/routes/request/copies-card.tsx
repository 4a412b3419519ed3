import type { ReactElement } from 'react';
import { Card } from '../../components/card.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { Tabs } from '../../components/tabs.tsx';
import { type SearchParams, textOf, useViewState } from '../../display/view-state.ts';
import type { RequestDetail } from './request-detail.ts';

const parseView = (search: SearchParams) => ({ as: textOf(search, 'as') });

/** The call's shape to run again, without its prompt, which is not kept, and without credentials. */
export function CopiesCard({ detail }: { readonly detail: RequestDetail }): ReactElement {
  const [view, set] = useViewState(parseView);
  const { Copies: copies, RawUsage: raw } = detail;
  const forms = [
    { value: 'curl', label: 'curl', text: copies.Curl },
    { value: 'cli', label: 'AWS CLI', text: copies.AwsCli },
    { value: 'sql', label: 'SQL over CUR 2.0', text: copies.Sql },
    { value: 'usage', label: 'Usage as reported', text: raw || undefined },
  ].flatMap(({ text, ...form }) => (text === undefined ? [] : [{ ...form, text }]));
  const shown = forms.find(({ value }) => value === view.as) ?? forms[0]!;
  return (
    <Card title="Copy as" note="without the prompt, which is never kept">
      <Tabs
        label="Form"
        tabs={forms.map(({ value, label }) => ({ value, label }))}
        value={shown.value}
        onChange={(as) => set({ as }, { replace: true })}
      >
        <CodeBlock text={shown.text} what={`the call as ${shown.label}`} maxHeight="240px" />
      </Tabs>
    </Card>
  );
}
