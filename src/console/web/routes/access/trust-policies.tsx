import { type ReactElement, useState } from 'react';
import { useSession } from '../../api/session.ts';
import { Card } from '../../components/card.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { Field } from '../../components/field.tsx';
import { Select } from '../../components/select.tsx';

type Shape = 'user' | 'application' | 'oidc' | 'saml' | 'github-actions' | 'kubernetes' | 'cognito' | 'gateway';

/** What each shape of caller needs to be told, with an example. */
const SHAPES: Readonly<
  Record<
    Shape,
    { readonly label: string; readonly example: (accountId: string) => string; readonly hasSession: boolean }
  >
> = {
  user: { label: 'Users of an account', example: (id) => `--account ${id}`, hasSession: false },
  application: {
    label: 'An application',
    example: (id) => `--principal arn:aws:iam::${id}:user/app-runtime`,
    hasSession: true,
  },
  oidc: {
    label: 'People of an OpenID provider',
    example: (id) => `--provider arn:aws:iam::${id}:oidc-provider/login.example.com --audience tallyline`,
    hasSession: false,
  },
  saml: {
    label: 'People of a SAML provider',
    example: (id) => `--account ${id} --provider Company`,
    hasSession: false,
  },
  'github-actions': {
    label: 'GitHub Actions',
    example: (id) => `--account ${id} --subject 'repo:example/app:ref:refs/heads/main'`,
    hasSession: false,
  },
  kubernetes: {
    label: 'Kubernetes service accounts',
    example: (id) =>
      `--provider arn:aws:iam::${id}:oidc-provider/cluster.example.com --subject 'system:serviceaccount:search:app'`,
    hasSession: false,
  },
  cognito: {
    label: 'Amazon Cognito identities',
    example: () => '--audience us-east-1:pool-id',
    hasSession: false,
  },
  gateway: {
    label: 'A gateway, for its users',
    example: (id) => `--principal arn:aws:iam::${id}:role/Gateway`,
    hasSession: true,
  },
};

/** Builds the command that prints a trust policy under which nobody can choose another name or tag. */
export function TrustPolicies(): ReactElement {
  const { AccountId } = useSession();
  const [shape, setShape] = useState<Shape>('oidc');
  const [tags, setTags] = useState('team');
  const [session, setSession] = useState('production');
  const { example, hasSession } = SHAPES[shape];
  const required = tags
    .split(/[\s,]+/)
    .filter(Boolean)
    .map((tag) => ` --require-tag ${tag}`)
    .join('');
  const name = hasSession && session.trim() !== '' ? ` --session-name '${session.trim()}'` : '';
  return (
    <Card
      title="Trust policy for a role"
      note="pins the names and tags of its sessions, so that cost stays where it belongs"
    >
      <div className="stack">
        <div className="grid-3">
          <Select
            label="Who takes the role"
            value={shape}
            options={(Object.keys(SHAPES) as Shape[]).map((value) => ({ value, label: SHAPES[value].label }))}
            onChange={setShape}
          />
          <Field label="Tags that every session must carry" hint="KEY or KEY=VALUE, separated by commas">
            <input value={tags} onChange={(event) => setTags(event.target.value)} />
          </Field>
          {hasSession && (
            <Field label="Session name" hint="* and ? are wildcards">
              <input value={session} onChange={(event) => setSession(event.target.value)} />
            </Field>
          )}
        </div>
        <CodeBlock
          what="the commands"
          text={`tallyline trust-policy ${shape} ${example(AccountId)}${name}${required} > trust.json
aws iam create-role --role-name ROLE --assume-role-policy-document file://trust.json
# or, for a role that is there:
aws iam update-assume-role-policy --role-name ROLE --policy-document file://trust.json`}
        />
      </div>
    </Card>
  );
}
