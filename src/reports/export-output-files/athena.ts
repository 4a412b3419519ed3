import type { FileFormat } from '../export-sql/compile.ts';
import type { ColumnType } from '../export-table.ts';
import type { OutputFile, OutputFileRequest } from './output-file.ts';
import { exportIdentifier, exportUri } from './place.ts';

const HIVE_TYPES: Readonly<Record<ColumnType, string>> = {
  string: 'string',
  double: 'double',
  timestamp: 'timestamp',
  'map<string,string>': 'map<string,string>',
  'map<string,double>': 'map<string,double>',
};

/** CSV has text alone: instants in ISO 8601 and maps as JSON objects. */
const FORMATS: Readonly<
  Record<FileFormat, { typeOf: (type: ColumnType) => string; format: string; properties: string }>
> = {
  PARQUET: { typeOf: (type) => HIVE_TYPES[type], format: 'STORED AS PARQUET', properties: '' },
  TEXT_OR_CSV: {
    typeOf: () => 'string',
    format: "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'\nSTORED AS TEXTFILE",
    properties: "  'skip.header.line.count' = '1',\n",
  },
};

/** Set-up of Athena: a table to be made by hand, and a crawler that makes it. AWS's names; their content is our own. */
export function athenaFiles(request: OutputFileRequest): readonly OutputFile[] {
  const { name } = request.definition;
  return [
    { path: `${name}-create-table.sql`, content: createTable(request) },
    { path: 'crawler-cfn.yml', content: crawlerTemplate(request) },
  ];
}

/** The partitions are projected: they need no crawler, and folders in upper case are found as well. */
function createTable({ definition, plan }: OutputFileRequest): string {
  const { typeOf, format, properties } = FORMATS[definition.destination.format];
  const columns = plan.statement.outputs.map(({ name, type }) => `  \`${name.toLowerCase()}\` ${typeOf(type)}`);
  const location = `${exportUri(definition).replaceAll("'", "\\'")}data/`;
  return `CREATE EXTERNAL TABLE \`${exportIdentifier(definition)}\` (
${columns.join(',\n')}
)
PARTITIONED BY (\`billing_period\` string)
${format}
LOCATION '${location}'
TBLPROPERTIES (
${properties}  'projection.enabled' = 'true',
  'projection.billing_period.type' = 'date',
  'projection.billing_period.format' = 'yyyy-MM',
  'projection.billing_period.range' = '2020-01,NOW',
  'projection.billing_period.interval' = '1',
  'projection.billing_period.interval.unit' = 'MONTHS',
  'storage.location.template' = '${location}${plan.table.partitionName}=\${billing_period}/'
);
`;
}

/** In an ARN of a policy inside `Fn::Sub`: characters of a prefix that either would read as more than themselves. */
function escapedForArn(path: string): string {
  return path.replaceAll(/[*?$]/g, (character) => `\${!${character}}`);
}

/** Intrinsic functions are written in their long form, which every YAML reader takes. */
function crawlerTemplate({ definition }: OutputFileRequest): string {
  const identifier = exportIdentifier(definition);
  const { bucket } = definition.destination;
  const data = `${exportUri(definition)}data/`;
  return `AWSTemplateFormatVersion: '2010-09-09'
Description: ${JSON.stringify(`Glue database and crawler for the data export ${definition.name}`)}
Resources:
  Database:
    Type: AWS::Glue::Database
    Properties:
      CatalogId: { Ref: AWS::AccountId }
      DatabaseInput: { Name: ${JSON.stringify(identifier)} }
  CrawlerRole:
    Type: AWS::IAM::Role
    Properties:
      AssumeRolePolicyDocument:
        Version: '2012-10-17'
        Statement:
          - { Effect: Allow, Principal: { Service: glue.amazonaws.com }, Action: sts:AssumeRole }
      ManagedPolicyArns:
        - { 'Fn::Sub': 'arn:\${AWS::Partition}:iam::aws:policy/service-role/AWSGlueServiceRole' }
      Policies:
        - PolicyName: ReadExport
          PolicyDocument:
            Version: '2012-10-17'
            Statement:
              - Effect: Allow
                Action: s3:GetObject
                Resource: { 'Fn::Sub': ${JSON.stringify(`arn:\${AWS::Partition}:s3:::${escapedForArn(data.slice('s3://'.length))}*`)} }
              - Effect: Allow
                Action: s3:ListBucket
                Resource: { 'Fn::Sub': ${JSON.stringify(`arn:\${AWS::Partition}:s3:::${bucket}`)} }
  Crawler:
    Type: AWS::Glue::Crawler
    DependsOn: [Database, CrawlerRole]
    Properties:
      DatabaseName: { Ref: Database }
      Role: { 'Fn::GetAtt': [CrawlerRole, Arn] }
      Targets:
        S3Targets:
          - Path: ${JSON.stringify(data)}
      SchemaChangePolicy: { UpdateBehavior: UPDATE_IN_DATABASE, DeleteBehavior: DELETE_FROM_DATABASE }
`;
}
