import {
  keepPreviousData,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { ApiError } from './api-error.ts';
import { call } from './call.ts';

export interface UseCallOptions {
  /** False: not yet. */
  readonly enabled?: boolean;
  /** Ask again every so often while the page is looked at. */
  readonly everyMs?: number;
}

/**
 * The answer of a reading operation. While the input changes, the last answer stays on screen (`isPlaceholderData`) and the
 * question before is cancelled, at the server as well.
 */
export function useCall<Output>(
  service: string,
  operation: string,
  input: object = {},
  { enabled = true, everyMs }: UseCallOptions = {},
): UseQueryResult<Output, ApiError> {
  return useQuery<Output, ApiError>({
    queryKey: [service, operation, input],
    queryFn: ({ signal }) => call<Output>(service, operation, input, { signal }),
    placeholderData: keepPreviousData,
    enabled,
    ...(everyMs !== undefined && { refetchInterval: everyMs }),
  });
}

/**
 * A changing operation: `const change = useChange<Output>('tallyline', 'PutSavedView', ['tallyline', 'ListSavedViews'])`, then
 * `change.mutate(input)`. What it makes out of date, by prefixes of `[service, operation]`, is asked for anew.
 */
export function useChange<Output, Input extends object = object>(
  service: string,
  operation: string,
  ...outdated: readonly (readonly string[])[]
): UseMutationResult<Output, ApiError, Input> {
  const queries = useQueryClient();
  return useMutation<Output, ApiError, Input>({
    mutationFn: (input) => call<Output>(service, operation, input),
    onSuccess: () =>
      Promise.all(
        outdated.map(async (queryKey) => {
          // A first answer that is still under way knows nothing of the change, and would not be asked for anew.
          await queries.cancelQueries({ queryKey });
          await queries.invalidateQueries({ queryKey });
        }),
      ),
  });
}
