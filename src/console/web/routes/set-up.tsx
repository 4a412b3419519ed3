import type { ReactElement } from 'react';
import { useSession } from '../api/session.ts';
import { Card } from '../components/card.tsx';
import { CodeBlock } from '../components/code-block.tsx';
import { Page as Frame } from '../components/page.tsx';
import { Tabs } from '../components/tabs.tsx';
import { choiceOf, type SearchParams, useViewState } from '../display/view-state.ts';
import './set-up/set-up.css';
import { PATTERNS, type Pattern, type ServerFacts } from './set-up/patterns.ts';
import { SelfTest } from './set-up/self-test.tsx';

const parse = (search: SearchParams) => ({
  pattern: choiceOf(search, 'pattern', ['user', 'application', 'federated', 'gateway'] as const),
});

export function Page(): ReactElement {
  const [{ pattern }, set] = useViewState(parse);
  const { AccountId, Region } = useSession();
  const server: ServerFacts = { endpoint: window.location.origin, region: Region, accountId: AccountId };
  const shown = PATTERNS.find(({ id }) => id === pattern)!;
  return (
    <Frame
      title="Set-up guide"
      about="Four ways to call models so that the bill names who called. The commands have this server's own address and account in them."
    >
      <Tabs
        label="Access pattern"
        tabs={PATTERNS.map(({ id, title }) => ({ value: id, label: title }))}
        value={pattern}
        onChange={(value) => set({ pattern: value })}
      >
        <Steps pattern={shown} server={server} />
      </Tabs>
      <SelfTest server={server} />
    </Frame>
  );
}

function Steps({ pattern, server }: { readonly pattern: Pattern; readonly server: ServerFacts }): ReactElement {
  return (
    <Card title={pattern.title} note={pattern.suits}>
      <ol className="set-up-steps">
        {pattern.steps(server).map(({ title, text, commands }) => (
          <li key={title}>
            <h3>{title}</h3>
            {text && <p className="soft">{text}</p>}
            <CodeBlock text={commands} what="the commands" />
          </li>
        ))}
      </ol>
      <p className="soft">
        <strong>What the bill says then:</strong> <code>{pattern.principal(server)}</code>
      </p>
    </Card>
  );
}
