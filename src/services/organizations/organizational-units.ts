import type {
  CreateOrganizationalUnitRequest,
  CreateOrganizationalUnitResponse,
  DeleteOrganizationalUnitRequest,
  DescribeOrganizationalUnitRequest,
  DescribeOrganizationalUnitResponse,
  ListOrganizationalUnitsForParentRequest,
  ListOrganizationalUnitsForParentResponse,
  OrganizationalUnit as OrganizationalUnitOutput,
  UpdateOrganizationalUnitRequest,
  UpdateOrganizationalUnitResponse,
} from '@aws-sdk/client-organizations';
import type { Directory } from '../../identity/directory.ts';
import { drop, put } from '../../identity/directory-records.ts';
import { type Organization, type OrganizationalUnit, organizationEntityArn } from '../../identity/organization.ts';
import { newOrganizationalUnit } from '../../identity/organization-founding.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationHandler, OperationTable } from '../../paths/operation-handler.ts';
import { requestTagContext } from '../../policy/context.ts';
import { requireParent, unitTouch } from './container.ts';
import { managementOperation } from './management-operation.ts';
import type { OrganizationsParts } from './organizations-parts.ts';
import { ageKey, pageOf } from './page.ts';
import { requireQuota } from './quota.ts';
import { readTags } from './tags.ts';

export function organizationalUnitOperations(parts: OrganizationsParts): OperationTable {
  return {
    CreateOrganizationalUnit: createOrganizationalUnit(parts),
    DescribeOrganizationalUnit: describeOrganizationalUnit(parts),
    UpdateOrganizationalUnit: updateOrganizationalUnit(parts),
    DeleteOrganizationalUnit: deleteOrganizationalUnit(parts),
    ListOrganizationalUnitsForParent: listOrganizationalUnitsForParent(parts),
  };
}

function createOrganizationalUnit(
  parts: OrganizationsParts,
): OperationHandler<CreateOrganizationalUnitRequest, CreateOrganizationalUnitResponse> {
  const { directory, random } = parts;
  return managementOperation<CreateOrganizationalUnitRequest, CreateOrganizationalUnitResponse>(
    parts,
    'CreateOrganizationalUnit',
    {
      about: ({ ParentId }) => [ParentId!],
      context: ({ Tags }) => requestTagContext(readTags(Tags)),
      run: async ({ input, nowMs }, organization) => {
        const parentId = input.ParentId!;
        requireParent(directory, parentId);
        requireFreeName(directory, parentId, input.Name!);
        requireQuota('OU_DEPTH_LIMIT_EXCEEDED', directory.organization.depthOf(parentId) + 1);
        requireQuota('OU_NUMBER_LIMIT_EXCEEDED', directory.organization.unitCount() + 1);
        const tags = readTags(input.Tags);
        const unit = newOrganizationalUnit(organization, { parentId, name: input.Name!, tags, nowMs, random });
        await directory.write([put('organizational-unit', unit), ...unitTouch(directory, parentId)]);
        return { OrganizationalUnit: unitOutput(unit, organization, directory) };
      },
    },
  );
}

function describeOrganizationalUnit(
  parts: OrganizationsParts,
): OperationHandler<DescribeOrganizationalUnitRequest, DescribeOrganizationalUnitResponse> {
  const { directory } = parts;
  return managementOperation<DescribeOrganizationalUnitRequest, DescribeOrganizationalUnitResponse>(
    parts,
    'DescribeOrganizationalUnit',
    {
      about: ({ OrganizationalUnitId }) => [OrganizationalUnitId!],
      run: ({ input }, organization) => ({
        OrganizationalUnit: unitOutput(requireUnit(directory, input.OrganizationalUnitId!), organization, directory),
      }),
    },
  );
}

function updateOrganizationalUnit(
  parts: OrganizationsParts,
): OperationHandler<UpdateOrganizationalUnitRequest, UpdateOrganizationalUnitResponse> {
  const { directory } = parts;
  return managementOperation<UpdateOrganizationalUnitRequest, UpdateOrganizationalUnitResponse>(
    parts,
    'UpdateOrganizationalUnit',
    {
      about: ({ OrganizationalUnitId }) => [OrganizationalUnitId!],
      run: async ({ input }, organization) => {
        const unit = requireUnit(directory, input.OrganizationalUnitId!);
        const renamed = { ...unit, name: input.Name ?? unit.name };
        if (renamed.name !== unit.name) {
          requireFreeName(directory, unit.parentId, renamed.name);
          await directory.write([put('organizational-unit', renamed)]);
        }
        return { OrganizationalUnit: unitOutput(renamed, organization, directory) };
      },
    },
  );
}

function deleteOrganizationalUnit(
  parts: OrganizationsParts,
): OperationHandler<DeleteOrganizationalUnitRequest, Record<never, never>> {
  const { directory } = parts;
  return managementOperation<DeleteOrganizationalUnitRequest, Record<never, never>>(parts, 'DeleteOrganizationalUnit', {
    about: ({ OrganizationalUnitId }) => [OrganizationalUnitId!],
    run: async ({ input }) => {
      const unit = requireUnit(directory, input.OrganizationalUnitId!);
      const { organization } = directory;
      if (organization.unitsOf(unit.id).length > 0 || organization.accountsOf(unit.id).length > 0) {
        throw new Fault(
          'OrganizationalUnitNotEmptyException',
          'The specified OU is not empty. Move all accounts to another root or to other OUs, remove all child OUs, and try the operation again.',
        );
      }
      await directory.write([drop('organizational-unit', unit)]);
      return {};
    },
  });
}

function listOrganizationalUnitsForParent(
  parts: OrganizationsParts,
): OperationHandler<ListOrganizationalUnitsForParentRequest, ListOrganizationalUnitsForParentResponse> {
  const { directory } = parts;
  return managementOperation<ListOrganizationalUnitsForParentRequest, ListOrganizationalUnitsForParentResponse>(
    parts,
    'ListOrganizationalUnitsForParent',
    {
      about: ({ ParentId }) => [ParentId!],
      run: ({ input }, organization) => {
        requireParent(directory, input.ParentId!);
        const { items, rest } = pageOf(directory.organization.unitsOf(input.ParentId!), ageKey, input);
        return { OrganizationalUnits: items.map((unit) => unitOutput(unit, organization, directory)), ...rest };
      },
    },
  );
}

function requireUnit({ organization }: Directory, id: string): OrganizationalUnit {
  const unit = organization.unit(id);
  if (unit) return unit;
  throw new Fault('OrganizationalUnitNotFoundException', "You specified an organizational unit that doesn't exist.");
}

function requireFreeName({ organization }: Directory, parentId: string, name: string): void {
  if (organization.unitsOf(parentId).every((unit) => unit.name !== name)) return;
  throw new Fault('DuplicateOrganizationalUnitException', 'An OU with the same name already exists.');
}

function unitOutput(
  unit: OrganizationalUnit,
  organization: Organization,
  directory: Directory,
): OrganizationalUnitOutput {
  return {
    Id: unit.id,
    Arn: organizationEntityArn(organization, unit.id),
    Name: unit.name,
    Path: directory.organization.pathOf(unit.id),
  };
}
