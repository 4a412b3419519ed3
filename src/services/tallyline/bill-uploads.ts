import { type BillUploads, UPLOAD_PART_BYTES, type Upload } from '../../imports/bill-uploads.ts';
import type { ImportLedger } from '../../imports/import-ledger.ts';
import { uploadLocation } from '../../imports/upload-location.ts';
import { Fault } from '../../kernel/fault.ts';
import type { OperationCall, OperationTable } from '../../paths/operation-handler.ts';
import { managementOnly } from './management-only.ts';

export interface BillUploadParts {
  readonly managementAccountId: string;
  readonly billImports: {
    readonly ledger: ImportLedger;
    readonly uploads: BillUploads;
    /** False: another node imports bills, from its own data folder. */
    readonly isHere: boolean;
  };
}

interface StartInput {
  readonly Name: string;
  readonly Files: readonly { readonly Path: string; readonly Bytes: string; readonly Sha256: string }[];
}

interface PartInput {
  readonly UploadId: string;
  readonly Path: string;
  readonly Offset: string;
  readonly Data: Uint8Array;
  readonly Sha256: string;
}

/** Bills and logs that are sent to the server, by whoever may import them. */
export function billUploadOperations({ billImports, managementAccountId }: BillUploadParts): OperationTable {
  const { ledger, uploads } = billImports;
  const ofManagement = managementOnly(managementAccountId, 'imports bills');
  const sourceOf = (name: string) => ledger.sources().find(({ location }) => location === uploadLocation(name));
  const isSource = (name: string) => sourceOf(name) !== undefined;
  const isRead = (name: string) => {
    const source = sourceOf(name);
    return source !== undefined && ledger.isBusy(source.id);
  };
  return {
    StartBillUpload: ofManagement('StartBillImport', async ({ input }: OperationCall<StartInput>) => {
      if (!billImports.isHere) {
        throw new Fault('ServiceUnavailableException', 'another node imports bills: send them to that one');
      }
      const files = input.Files.map(({ Path, Bytes, Sha256 }) => ({
        path: Path,
        bytes: Number(Bytes),
        sha256: Sha256,
      }));
      return wireUpload(await uploads.begin(input.Name, files, isSource));
    }),
    PutBillFilePart: ofManagement('StartBillImport', async ({ input }: OperationCall<PartInput>) => {
      const { UploadId, Path, Offset, Data, Sha256 } = input;
      const part = { path: Path, offset: Number(Offset), data: Data, sha256: Sha256 };
      return { ReceivedBytes: `${await uploads.put(UploadId, part)}` };
    }),
    CompleteBillUpload: ofManagement(
      'StartBillImport',
      async ({ input }: OperationCall<{ readonly UploadId: string }>) =>
        wireUpload(await uploads.complete(input.UploadId, isRead)),
    ),
  };
}

function wireUpload({ id, name, files, received }: Upload): object {
  return {
    ...{ UploadId: id, Location: uploadLocation(name), PartBytes: UPLOAD_PART_BYTES },
    Files: files.map(({ path }, at) => ({ Path: path, ReceivedBytes: `${received[at]}` })),
  };
}
