import type { Role } from '../../identity/role.ts';
import { Fault } from '../../kernel/fault.ts';

/** Of role sessions. */
export const DEFAULT_DURATION_SECONDS = 3600;

/** Throws ValidationException for a session that the role limits to less. */
export function requireRoleAllowsDuration(role: Role, seconds: number): void {
  if (seconds <= role.maxSessionDurationSeconds) return;
  throw new Fault(
    'ValidationException',
    'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  );
}
