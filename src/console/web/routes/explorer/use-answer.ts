import { keepPreviousData, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ApiError } from '../../api/api-error.ts';
import { type Answer, type AnswerBefore, ask, askBefore } from './answer.ts';
import type { ExplorerQuestion } from './question.ts';

const KEY = 'explorer';

export interface AnswerState {
  /** Of the question before, as long as the new one is being answered. */
  readonly answer: Answer | undefined;
  /** Of the period before the one of `answer`; absent until it is known, and when nothing is compared. */
  readonly before: AnswerBefore | undefined;
  readonly error: ApiError | null;
  readonly isAsking: boolean;
  /** Nothing is being asked, and nothing was answered. */
  readonly isCancelled: boolean;
  readonly cancel: () => void;
  readonly askAgain: () => void;
}

/** Part of a query's key: what the answer depends on, and not how it is drawn. */
function keyOf({ view, measure, span, granularity, zoneName, scope }: ExplorerQuestion): readonly unknown[] {
  return [KEY, measure.word, view.by, view.filters, view.top, span, granularity, zoneName, scope];
}

/** The answer to a question; a question that is replaced is cancelled, at the server as well. */
export function useAnswer(question: ExplorerQuestion): AnswerState {
  const queries = useQueryClient();
  const { data, error, fetchStatus, isPlaceholderData, isPending, refetch } = useQuery<Answer, ApiError>({
    queryKey: keyOf(question),
    queryFn: ({ signal }) => ask(question, signal),
    placeholderData: keepPreviousData,
  });
  const isCurrent = data !== undefined && !isPlaceholderData;
  const { data: before } = useQuery<AnswerBefore, ApiError>({
    queryKey: [...keyOf(question), 'before', question.before],
    queryFn: ({ signal }) => askBefore(data!, signal),
    enabled: isCurrent && question.view.compares,
  });
  return {
    answer: data,
    before: isCurrent && question.view.compares ? before : undefined,
    error,
    isAsking: fetchStatus === 'fetching',
    isCancelled: fetchStatus === 'idle' && !error && (isPending || isPlaceholderData),
    cancel: () => void queries.cancelQueries({ queryKey: [KEY] }),
    askAgain: () => void refetch(),
  };
}
