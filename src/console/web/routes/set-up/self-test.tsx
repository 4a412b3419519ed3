import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactElement, useCallback, useState } from 'react';
import { ApiError } from '../../api/api-error.ts';
import { call, post } from '../../api/call.ts';
import { useSession } from '../../api/session.ts';
import { Button } from '../../components/button.tsx';
import { Card } from '../../components/card.tsx';
import { CodeBlock } from '../../components/code-block.tsx';
import { Combobox } from '../../components/combobox.tsx';
import { Money } from '../../components/figures.tsx';
import { ErrorState } from '../../components/states.tsx';
import { TimeText } from '../../components/time.tsx';
import type { ServerFacts } from './patterns.ts';

/** The row of a call; more members than are named here. */
interface RequestRow {
  readonly RequestId: string;
  readonly AdmittedAt: string;
  readonly Principal: string;
  readonly ModelId: string;
  readonly Status: string;
  readonly InputTokens?: string;
  readonly OutputTokens?: string;
  readonly CostUsd: string;
  readonly IsUnpriced: boolean;
  readonly Tags: Readonly<Record<string, string>>;
}

const DEFAULT_MODEL = 'us.anthropic.claude-sonnet-4-6';
/** How often the ledger is asked for the row, and for how long: it is there within a second as a rule. */
const ASK_EVERY_MS = 500;
const ASKS_MAX = 40;

/** Makes one small call as whoever is signed in, through the same path as every other, and shows what the ledger has of it. */
export function SelfTest({ server }: { readonly server: ServerFacts }): ReactElement {
  const { Scopes, Principal } = useSession();
  const [model, setModel] = useState(DEFAULT_MODEL);
  const [requestId, setRequestId] = useState<string>();
  const [isCalling, setCalling] = useState(false);
  const [error, setError] = useState<ApiError>();
  const row = useRow(requestId, Scopes[0]);

  const run = useCallback(async () => {
    setCalling(true);
    setError(undefined);
    setRequestId(undefined);
    try {
      const answer = await post('/bedrock-runtime/Converse', {
        modelId: model,
        messages: [{ role: 'user', content: [{ text: 'Say hello in one word.' }] }],
        inferenceConfig: { maxTokens: 16 },
      });
      setRequestId(answer.headers.get('x-amzn-requestid') ?? undefined);
    } catch (cause) {
      if (!(cause instanceof ApiError)) throw cause;
      setError(cause);
    } finally {
      setCalling(false);
    }
  }, [model]);

  return (
    <Card
      title="Try it"
      note={`calls a model as ${Principal}`}
      actions={
        <>
          <Combobox
            label="Model"
            button={{ children: model }}
            options={modelOptions}
            value={[model]}
            single
            onChange={([chosen]) => chosen && setModel(chosen)}
          />
          <Button look="primary" icon="live" busy={isCalling} onClick={() => void run()}>
            Make a call
          </Button>
        </>
      }
    >
      <div className="stack" aria-live="polite">
        {error && <ErrorState error={error} onRetry={() => void run()} />}
        {!error && requestId === undefined && (
          <p className="soft">
            One short question of a few tokens, with your permissions, tags and budgets. Its row shows up below within
            seconds. The same from a terminal:
          </p>
        )}
        {!error && requestId === undefined && (
          <CodeBlock
            what="the command"
            text={`AWS_ENDPOINT_URL=${server.endpoint} AWS_REGION=${server.region} aws bedrock-runtime converse --model-id ${model} \\
  --messages '[{"role":"user","content":[{"text":"Say hello in one word."}]}]' --inference-config maxTokens=16`}
          />
        )}
        {requestId !== undefined && !row.data && !row.error && (
          <p className="soft">The call was answered. Waiting for its row in the ledger …</p>
        )}
        {row.error && <ErrorState error={row.error} onRetry={() => void row.refetch()} />}
        {row.data && <Row row={row.data} />}
      </div>
    </Card>
  );
}

/** The row as soon as it is there. */
function useRow(requestId: string | undefined, scope: string | undefined) {
  return useQuery<RequestRow, ApiError>({
    queryKey: ['set-up', 'row', requestId],
    enabled: requestId !== undefined,
    retry: (asked, error) => error.status === 404 && asked < ASKS_MAX,
    retryDelay: ASK_EVERY_MS,
    queryFn: async ({ signal }) => {
      const input = { RequestId: requestId, ...(scope && { Scope: scope }) };
      const { Request } = await call<{ readonly Request: RequestRow }>('tallyline', 'GetRequest', input, { signal });
      return Request;
    },
  });
}

async function modelOptions(typed: string, signal: AbortSignal) {
  const { inferenceProfileSummaries } = await call<{
    readonly inferenceProfileSummaries: readonly {
      readonly inferenceProfileId: string;
      readonly inferenceProfileName: string;
    }[];
  }>('bedrock', 'ListInferenceProfiles', { maxResults: 1_000 }, { signal });
  return inferenceProfileSummaries
    .filter(({ inferenceProfileId }) => inferenceProfileId.includes(typed.trim().toLowerCase()))
    .map(({ inferenceProfileId, inferenceProfileName }) => ({ value: inferenceProfileId, note: inferenceProfileName }));
}

function Row({ row }: { readonly row: RequestRow }): ReactElement {
  const { RequestId, Principal, Tags, InputTokens = '0', OutputTokens = '0', CostUsd, IsUnpriced, AdmittedAt } = row;
  const tags = Object.entries(Tags);
  return (
    <dl className="facts" data-testid="self-test-row">
      <div className="facts-row">
        <dt>Who</dt>
        <dd>
          <code>{Principal}</code>
        </dd>
      </div>
      <div className="facts-row">
        <dt>Tags</dt>
        <dd>
          {tags.length === 0
            ? 'none: tag the user, the role or the session, and group cost by it'
            : tags.map(([key, value]) => (
                <span className="chip" key={key}>
                  {key}={value}
                </span>
              ))}
        </dd>
      </div>
      <div className="facts-row">
        <dt>What</dt>
        <dd>
          {row.ModelId}, {InputTokens} tokens in, {OutputTokens} out
        </dd>
      </div>
      <div className="facts-row">
        <dt>Cost</dt>
        <dd>{IsUnpriced ? 'unpriced: there is no price for this model' : <Money usd={CostUsd} />}</dd>
      </div>
      <div className="facts-row">
        <dt>When</dt>
        <dd>
          <TimeText at={AdmittedAt} show="second" />
        </dd>
      </div>
      <div className="facts-row">
        <dt>Evidence</dt>
        <dd>
          <Link to="/requests/$id" params={{ id: RequestId } as never}>
            The call, its prices and its arithmetic
          </Link>
        </dd>
      </div>
    </dl>
  );
}
