import { Link } from '@tanstack/react-router';
import type { ReactElement, ReactNode } from 'react';
import { Card } from '../../components/card.tsx';
import type { ChainLink, RequestDetail } from './request-detail.ts';

const WORDS: Readonly<Record<string, string>> = {
  'identity-provider': 'Vouched for by',
  subject: 'Who signed in there',
  'assumed-by': 'The role was assumed by',
  'access-key': 'Signed with the access key',
  'session-key': 'Signed with the key of a session',
  'oidc-token': 'Presented a token of its provider',
  'bedrock-api-key': 'Presented a Bedrock API key',
  'gateway-key': 'Presented a gateway key',
  role: 'Role',
  user: 'User',
  session: 'Session',
  'source-identity': 'Source identity',
  principal: 'Principal that pays',
};

const EVIDENCE = {
  event: 'recorded with the call',
  audit: 'from the audit log',
  directory: 'as the directory has it today',
} as const;

/** How the caller came to be who it was, from whoever vouched for it to the principal that pays. */
export function IdentityCard({ detail }: { readonly detail: RequestDetail }): ReactElement {
  const { Identity: identity } = detail;
  const metadata = Object.entries(identity.RequestMetadata);
  return (
    <Card title="Who called">
      <ol className="chain">
        {identity.Chain.map((link) => (
          <li key={`${link.Type} ${link.Id}`} data-type={link.Type}>
            <span className="soft small">{WORDS[link.Type] ?? link.Type}</span>
            <ChainName link={link} />
            <span className="faint small">{EVIDENCE[link.Evidence]}</span>
          </li>
        ))}
      </ol>
      <dl className="facts">
        <Fact name="Account">
          {identity.AccountName ?? ''} <span className="mono">{identity.AccountId}</span>
        </Fact>
        <Fact name="From address">{identity.SourceIp}</Fact>
        <Fact name="Client">{identity.UserAgent || 'it named none'}</Fact>
        {metadata.map(([key, value]) => (
          <Fact key={key} name={`${key} (its own note)`}>
            {value}
          </Fact>
        ))}
      </dl>
    </Card>
  );
}

function ChainName({ link }: { readonly link: ChainLink }): ReactElement {
  if (link.Type === 'principal')
    return (
      <Link to="/principals/$id" params={{ id: link.Id } as never} className="mono">
        {link.Id}
      </Link>
    );
  return (
    <span className="mono">
      {link.Name !== undefined && <b>{link.Name} </b>}
      {link.Id}
    </span>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }): ReactElement {
  return (
    <div className="facts-row">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}
