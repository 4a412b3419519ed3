import type { Organization } from '../../identity/organization.ts';
import { findTarget } from '../../identity/organization-target.ts';
import { serviceControlPolicyArn } from '../../identity/service-control-policy.ts';
import { Fault } from '../../kernel/fault.ts';
import { RecordConflict } from '../../kernel/record-store.ts';
import type { AccessNeed, OperationCall, OperationHandler } from '../../paths/operation-handler.ts';
import { resourceTagContext } from '../../policy/context.ts';
import type { OrganizationsParts } from './organizations-parts.ts';

type Context = ReadonlyMap<string, readonly string[]>;

interface ManagementOperation<Input, Output> {
  /** Ids of what the operation is about, each of which the caller needs the permission for; absent: nothing (`*`). */
  readonly about?: (input: Input) => readonly string[];
  /** Condition keys beyond the global ones. */
  readonly context?: (input: Input) => Context;
  readonly run: (call: OperationCall<Input>, organization: Organization) => Output | Promise<Output>;
}

/**
 * An operation that only the management account may call. (On AWS delegated administrators may as well; there are none
 * here.) A member account is refused, whatever its own policies say.
 */
export function managementOperation<Input, Output>(
  parts: OrganizationsParts,
  name: string,
  operation: ManagementOperation<Input, Output>,
): OperationHandler<Input, Output> {
  const { directory } = parts;
  const action = `organizations:${name}`;
  return {
    access: ({ caller, input }) => {
      const organization = directory.organization.record;
      const context = operation.context?.(input) ?? new Map();
      const ids = operation.about?.(input) ?? [];
      if (ids.length === 0 || caller.accountId !== organization?.managementAccountId) {
        return [{ action, resource: '*', context }];
      }
      return ids.map((id) => needOn(action, id, organization, context, parts));
    },
    run: (call) => {
      const organization = requireOrganization(parts);
      if (call.caller.accountId !== organization.managementAccountId) throw notForMembers();
      return repeated(() => operation.run(call, organization));
    },
  };
}

export function requireOrganization({ directory }: OrganizationsParts): Organization {
  const { record } = directory.organization;
  if (record) return record;
  throw new Fault('AWSOrganizationsNotInUseException', 'Your account is not a member of an organization.');
}

function needOn(
  action: string,
  id: string,
  organization: Organization,
  context: Context,
  { directory }: OrganizationsParts,
): AccessNeed {
  const tags = findTarget(directory, id)?.tags ?? directory.organization.policy(id)?.tags ?? new Map();
  return {
    action,
    resource: serviceControlPolicyArn(organization, id),
    context: new Map([...resourceTagContext(tags), ...context]),
  };
}

/** AWS's sentence, as quoted in public reports (checked 2026-11). */
function notForMembers(): Fault {
  return new Fault('AccessDeniedException', "You don't have permissions to access this resource.");
}

/** How often an operation that was overtaken by another write is decided anew. */
const ATTEMPTS = 4;

async function repeated<Output>(run: () => Output | Promise<Output>): Promise<Output> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await run();
    } catch (error) {
      if (!(error instanceof RecordConflict)) throw error;
      if (attempt === ATTEMPTS) {
        throw new Fault(
          'ConcurrentModificationException',
          "AWS Organizations can't complete your request because it conflicts with another attempt to modify the same entity. Try again later.",
        );
      }
    }
  }
}
