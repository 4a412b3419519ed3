import type { ReactElement } from 'react';
import type { ExportStatus } from './export-calls.ts';

export function HealthChip({ status }: { readonly status: ExportStatus }): ReactElement {
  const isHealthy = status.StatusCode === 'HEALTHY';
  const reason = status.StatusReason?.toLowerCase().replaceAll('_', ' ');
  return (
    <span className={`chip ${isHealthy ? 'chip-good' : 'chip-bad'}`}>
      {isHealthy ? 'healthy' : `unhealthy${reason ? `: ${reason}` : ''}`}
    </span>
  );
}
