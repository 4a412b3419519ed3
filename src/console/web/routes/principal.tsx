import { useParams } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { useCall } from '../api/use-call.ts';
import { useScope } from '../display/scope.ts';
import { SubjectPage } from '../spend/subject-page.tsx';
import { BudgetsCard } from './principal/budgets-card.tsx';
import type { PrincipalAnswer } from './principal/principal-answer.ts';
import { SessionsCard } from './principal/sessions-card.tsx';
import { TagsCard } from './principal/tags-card.tsx';

/** One principal: what it spends on what, its tags over time, its budgets, and the other sessions of its role. */
export function Page(): ReactElement {
  const { id = '' } = useParams({ strict: false }) as { id?: string };
  const scope = useScope();
  const input = { Principal: id, ...(scope !== 'ALL' && { Scope: scope }) };
  const { data, error, refetch } = useCall<PrincipalAnswer>('tallyline', 'GetPrincipal', input);
  return (
    <SubjectPage
      kind="principal"
      value={id}
      about={
        <span className="row">
          <span className="mono small">{id}</span>
          {data && !data.IsKnown && <span className="chip chip-warn">no longer in the directory</span>}
          {data?.AccountName && <span className="chip">{data.AccountName}</span>}
        </span>
      }
      aside={
        <>
          <BudgetsCard answer={data} />
          <TagsCard answer={data} error={error} onRetry={() => void refetch()} />
        </>
      }
    >
      {(question) => data?.RoleName !== undefined && <SessionsCard question={question} roleName={data.RoleName} />}
    </SubjectPage>
  );
}
