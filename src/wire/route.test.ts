import { describe, expect, it } from 'vitest';
import { Fault } from '../kernel/fault.ts';
import type { WireRequest } from './exchange.ts';
import { dialectOf, route } from './route.ts';
import { formRequest, jsonRequest, restRequest, wireRequest } from './wire-request.fixture.ts';

function operationOf(request: WireRequest): string {
  const { operation } = route(request);
  return `${operation.service}.${operation.name}`;
}

function refusal(request: WireRequest): Pick<Fault, 'code' | 'message'> {
  try {
    route(request);
  } catch (error) {
    if (error instanceof Fault) return { code: error.code, message: error.message };
    throw error;
  }
  throw new Error('it was routed');
}

describe('by target', () => {
  it('finds the operation and the service', () => {
    const request = jsonRequest('AWSInsightsIndexService.GetCostAndUsage', {});
    expect(operationOf(request)).toBe('ce.GetCostAndUsage');
    expect(dialectOf(request)).toEqual({ protocol: 'awsJson', service: 'ce' });
    expect(operationOf(jsonRequest('AWSBudgetServiceGateway.DescribeBudgets', {}))).toBe('budgets.DescribeBudgets');
    expect(operationOf(jsonRequest('AWSBillingAndCostManagementDataExports.ListExports', {}))).toBe(
      'bcm-data-exports.ListExports',
    );
    expect(operationOf(jsonRequest('Tallyline.GetReport', {}))).toBe('tallyline.GetReport');
  });

  it.each([
    ['AWSInsightsIndexService.NoSuchOperation', 'ce'],
    ['AWSInsightsIndexService.constructor', 'ce'],
    ['AWSInsightsIndexService.', 'ce'],
    ['AWSInsightsIndexService', undefined],
    ['Nobody.GetTags', undefined],
    ['__proto__.GetTags', undefined],
    ['', undefined],
  ])('refuses %s', (target, service) => {
    expect(refusal(jsonRequest(target, {}))).toEqual({ code: 'UnknownOperationException', message: '' });
    expect(dialectOf(jsonRequest(target, {}))).toEqual({ protocol: 'awsJson', ...(service && { service }) });
  });

  it('takes POST alone, and remembers a client of AWS JSON 1.0', () => {
    const request = jsonRequest('AWSInsightsIndexService.GetTags', {});
    expect(refusal({ ...request, method: 'GET' }).code).toBe('UnknownOperationException');
    expect(route(request).operation.jsonVersion).toBeUndefined();
    const headers = { ...request.headers, 'content-type': 'application/x-amz-json-1.0' };
    expect(route({ ...request, headers }).operation.jsonVersion).toBe('1.0');
    expect(dialectOf({ ...request, headers })).toEqual({ protocol: 'awsJson', service: 'ce', jsonVersion: '1.0' });
  });
});

describe('by form', () => {
  const ACTION = 'Action=GetCallerIdentity&Version=2011-06-15';

  it('finds the operation in a body, with or without a charset, and in a query string', () => {
    expect(operationOf(formRequest(ACTION))).toBe('sts.GetCallerIdentity');
    const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };
    expect(operationOf(wireRequest({ headers, body: Buffer.from(ACTION) }))).toBe('sts.GetCallerIdentity');
    expect(operationOf(wireRequest({ method: 'GET', query: ACTION }))).toBe('sts.GetCallerIdentity');
    expect(operationOf(formRequest('Action=ListUsers&Version=2010-05-08'))).toBe('iam.ListUsers');
  });

  it('decodes spaces of both kinds, and keeps the first of equal names', () => {
    const { form } = route(formRequest(`${ACTION}&a=x+y%20z&a=other&empty=&bare&plus=%2B&sign=a=b&&`));
    expect(Object.fromEntries(form)).toMatchObject({ a: 'x y z', empty: '', bare: '', plus: '+', sign: 'a=b' });
    expect(operationOf(formRequest(`${ACTION}&Action=NoSuchAction&Version=2000-01-01`))).toBe('sts.GetCallerIdentity');
  });

  it('keeps __proto__ a name like any other', () => {
    const { form } = route(formRequest(`${ACTION}&__proto__=1`));
    expect(form.get('__proto__')).toBe('1');
    expect(({} as Record<string, unknown>)['1']).toBeUndefined();
  });

  it('knows which operations need no signature', () => {
    const isUnsigned = (action: string) =>
      route(formRequest(`Action=${action}&Version=2011-06-15`)).operation.isUnsigned;
    expect(['AssumeRoleWithWebIdentity', 'AssumeRoleWithSAML'].map(isUnsigned)).toEqual([true, true]);
    expect(['AssumeRole', 'GetCallerIdentity'].map(isUnsigned)).toEqual([false, false]);
  });

  it.each([
    ['Action=NoSuchAction&Version=2011-06-15', 'Could not find operation NoSuchAction for version 2011-06-15'],
    ['Action=GetCallerIdentity', 'Could not find operation GetCallerIdentity for version NO_VERSION_SPECIFIED'],
    ['Action=GetCallerIdentity&Version=', 'Could not find operation GetCallerIdentity for version '],
    [
      'Action=GetCallerIdentity&Version=2000-01-01',
      'Could not find operation GetCallerIdentity for version 2000-01-01',
    ],
    ['Action=&Version=2011-06-15', 'Could not find operation  for version 2011-06-15'],
    ['Action=constructor&Version=2011-06-15', 'Could not find operation constructor for version 2011-06-15'],
    ['Version=2011-06-15', 'Could not find operation  for version 2011-06-15'],
    ['', 'Could not find operation  for version NO_VERSION_SPECIFIED'],
  ])('refuses %s', (body, message) => {
    expect(refusal(formRequest(body))).toEqual({ code: 'UnknownOperationException', message });
  });

  it.each([
    ['percent-encoding', 'Action=%zz', 'Malformed percent-encoding'],
    ['UTF-8 behind it', 'Action=%ff', 'Malformed percent-encoding'],
    ['number of fields', Array.from({ length: 10_001 }, (_, index) => `f${index}=`).join('&'), 'Too many parameters'],
  ])('refuses a bad %s', (_, body, message) => {
    expect(refusal(formRequest(body))).toEqual({ code: 'SerializationException', message });
    expect(dialectOf(formRequest(body))).toEqual({ protocol: 'awsQuery' });
  });

  it('refuses bytes that are not UTF-8', () => {
    const request = { ...formRequest(''), body: Buffer.from([0x41, 0xff]) };
    expect(refusal(request)).toEqual({ code: 'SerializationException', message: 'Invalid UTF-8' });
  });

  it('repeats no more than the beginning of a name', () => {
    const { message } = refusal(formRequest(`Action=${'x'.repeat(100_000)}&Version=${'y'.repeat(100_000)}`));
    expect(message.length).toBeLessThan(600);
  });
});

describe('by method and path', () => {
  it.each([
    [
      'POST',
      '/model/anthropic.claude-v2%3A1/converse',
      'bedrock-runtime.Converse',
      { modelId: 'anthropic.claude-v2:1' },
    ],
    [
      'POST',
      '/model/anthropic.claude-v2:1/invoke',
      'bedrock-runtime.InvokeModel',
      { modelId: 'anthropic.claude-v2:1' },
    ],
    [
      'POST',
      '/model/arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.a.b/converse-stream',
      'bedrock-runtime.ConverseStream',
      { modelId: 'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.a.b' },
    ],
    ['GET', '/async-invoke', 'bedrock-runtime.ListAsyncInvokes', {}],
    ['GET', '/foundation-models', 'bedrock.ListFoundationModels', {}],
    ['GET', '/inference-profiles/x%2Fy', 'bedrock.GetInferenceProfile', { inferenceProfileIdentifier: 'x/y' }],
  ])('%s %s is %s', (method, path, operation, labels) => {
    const request = restRequest(method, path);
    expect(operationOf(request)).toBe(operation);
    expect(route(request).labels).toEqual(labels);
    expect(dialectOf(request)).toEqual({ protocol: 'restJson', service: operation.split('.')[0] });
  });

  it.each([
    ['GET', '/'],
    ['GET', ''],
    ['OPTIONS', '*'],
    ['GET', '/model/x/converse'],
    ['POST', '/model//converse'],
    ['POST', '/model/x/y/converse'],
    ['POST', '/model/x/converse/'],
    ['POST', '/model/x/__proto__'],
    ['HEAD', '/foundation-models'],
    ['GET', `/${'a/'.repeat(5000)}`],
    ['GET', '/\u00ff\u0000%'],
  ])('refuses %s %s', (method, path) => {
    expect(refusal(restRequest(method, path))).toEqual({ code: 'UnknownOperationException', message: '' });
    expect(dialectOf(restRequest(method, path))).toEqual({ protocol: 'restJson' });
  });

  it('refuses a label that is not well encoded', () => {
    expect(refusal(restRequest('POST', '/model/%ff/converse')).code).toBe('SerializationException');
    expect(dialectOf(restRequest('POST', '/model/%ff/converse'))).toEqual({
      protocol: 'restJson',
      service: 'bedrock-runtime',
    });
  });

  it('is not misled by a form posted to a REST path', () => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    const request = wireRequest({ path: '/model/x/converse', headers, body: Buffer.from('{}') });
    expect(operationOf(request)).toBe('bedrock-runtime.Converse');
  });
});
