import type { ReactElement } from 'react';
import { useMay } from '../api/session.ts';
import { Page as Frame } from '../components/page.tsx';
import { Tabs } from '../components/tabs.tsx';
import { choiceOf, type SearchParams, useViewState } from '../display/view-state.ts';
import { Findings } from './access/findings.tsx';
import { Keys } from './access/keys.tsx';
import { Principals } from './access/principals.tsx';
import { Providers } from './access/providers.tsx';
import { TrustPolicies } from './access/trust-policies.tsx';

const TABS = ['principals', 'keys', 'providers', 'findings', 'trust'] as const;

const parse = (search: SearchParams) => ({ tab: choiceOf(search, 'tab', TABS) });

const PANELS: Readonly<Record<(typeof TABS)[number], () => ReactElement>> = {
  principals: Principals,
  keys: Keys,
  providers: Providers,
  findings: Findings,
  trust: TrustPolicies,
};

export function Page(): ReactElement {
  const [{ tab }, set] = useViewState(parse);
  const may = useMay('tallyline:GetAttributionFindings', 'tallyline:ListGatewayKeys');
  const Panel = PANELS[tab];
  return (
    <Frame
      title="Access"
      about="Who can call models, with what, and whether any of them could put cost on somebody else. Changes are made with the AWS CLI, or as code."
    >
      <Tabs
        label="Part of access"
        value={tab}
        onChange={(value) => set({ tab: value })}
        tabs={[
          { value: 'principals', label: 'Users and roles' },
          { value: 'keys', label: 'Keys' },
          { value: 'providers', label: 'Identity providers' },
          ...(may('tallyline:GetAttributionFindings') ? [{ value: 'findings' as const, label: 'Findings' }] : []),
          { value: 'trust', label: 'Trust policies' },
        ]}
      >
        <Panel />
      </Tabs>
    </Frame>
  );
}
