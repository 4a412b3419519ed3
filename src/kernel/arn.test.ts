import { describe, expect, it } from 'vitest';
import { assumedRoleArn, parseArn, userArn } from './arn.ts';

describe('parseArn', () => {
  it('keeps colons and slashes of the resource', () => {
    const text = 'arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-lite-v1:0';
    expect(parseArn(text)).toEqual({
      partition: 'aws',
      service: 'bedrock',
      region: 'us-east-1',
      accountId: '',
      resource: 'foundation-model/amazon.nova-lite-v1:0',
    });
  });

  it('refuses what has fewer than six parts', () => {
    for (const text of [
      '',
      'arn:aws:iam',
      'arn:aws:iam::123456789012',
      'arn:aws:iam::123456789012:',
      'urn:a:b:c:d:e',
    ]) {
      expect(parseArn(text), text).toBeUndefined();
    }
  });
});

describe('principal ARNs', () => {
  it("keep a user's path and drop a role's in its sessions", () => {
    expect(userArn('123456789012', '/eng/', 'alice')).toBe('arn:aws:iam::123456789012:user/eng/alice');
    expect(assumedRoleArn('123456789012', 'App', 's-1')).toBe('arn:aws:sts::123456789012:assumed-role/App/s-1');
  });
});
