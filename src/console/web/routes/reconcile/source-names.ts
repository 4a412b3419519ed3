import { useMay } from '../../api/session.ts';
import { useCall } from '../../api/use-call.ts';

export type NameOfSource = (sourceId: string) => string;

/** Sources are named like the place they are imported from; by their id where two places end alike, or places may not be seen. */
export function useSourceNames(): NameOfSource {
  const may = useMay('tallyline:ListBillSources')('tallyline:ListBillSources');
  const { data } = useCall<{ readonly Sources: readonly { readonly SourceId: string; readonly Location: string }[] }>(
    'tallyline',
    'ListBillSources',
    {},
    { enabled: may },
  );
  const names = new Map(data?.Sources.map(({ SourceId, Location }) => [SourceId, lastPart(Location)]));
  return (sourceId) => {
    const name = names.get(sourceId);
    const isAlone = [...names.values()].filter((one) => one === name).length === 1;
    return name !== undefined && isAlone ? name : sourceId;
  };
}

function lastPart(location: string): string {
  return location.replace(/\/+$/, '').replace(/.*\//, '');
}
