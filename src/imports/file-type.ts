/** What a file is, by its name. */
export type FileType = 'parquet' | 'csv' | 'csv.gz' | 'zip';

export function fileTypeOf(path: string): FileType | undefined {
  if (/\.parquet$/i.test(path)) return 'parquet';
  if (/\.csv\.gz$/i.test(path)) return 'csv.gz';
  if (/\.csv$/i.test(path)) return 'csv';
  return /\.zip$/i.test(path) ? 'zip' : undefined;
}
