import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { clientOf, lastingKeyId } from './call-origin.ts';

describe('the client of a call', () => {
  it.each([
    ['aws-sdk-js/3.1000.0 ua/2.1 os/linux#6.8 lang/js md/nodejs#24.1.0 api/bedrock-runtime#3.1000.0', 'aws-sdk-js'],
    ['Boto3/1.40.1 md/Botocore#1.40.1 ua/2.1 os/linux#6.8 md/arch#x86_64 lang/python#3.12.3', 'boto3'],
    ['Botocore/1.29.0 Python/3.9.2 Linux/5.4', 'botocore'],
    ['aws-cli/2.27.0 md/awscrt#0.26.1 ua/2.1 os/linux#6.8 exec-env/CloudShell', 'aws-cli'],
    ['aws-sdk-java/2.31.0 md/io#sync md/http#Apache ua/2.1', 'aws-sdk-java'],
    ['aws-sdk-go-v2/1.36.3 ua/2.1 os/linux lang/go#1.24.1', 'aws-sdk-go-v2'],
    ['aws-sdk-ruby3/3.226.0 ua/2.1 os/linux#6 md/x86_64 lang/ruby#3.4.1', 'aws-sdk-ruby'],
    ['OpenAI/Python 2.8.0', 'openai-python'],
    ['AsyncOpenAI/Python 1.99.1', 'openai-python'],
    ['OpenAI/JS 6.9.0', 'openai-js'],
    ['OpenAI/Go 3.8.1', 'openai-sdk'],
    ['Anthropic/Python 0.74.0', 'anthropic-sdk'],
    ['AsyncAnthropicBedrock/Python 0.74.0', 'anthropic-sdk'],
    ['Anthropic/JS 0.70.0', 'anthropic-sdk'],
    ['claude-cli/2.0.49 (external, cli)', 'claude-code'],
    ['curl/8.5.0', 'curl'],
    ['python-requests/2.32.3', 'python-requests'],
    ['Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'browser'],
    ['litellm/1.80.5', 'litellm'],
    ['internal-tool', 'internal-tool'],
    ['', ''],
    ['  ', ''],
    ['job-20261129/1', 'other'],
    ['7f3c9a', 'other'],
    ['<script>', 'other'],
  ])('of %s is %s', (userAgent, client) => expect(clientOf(userAgent)).toBe(client));

  it('is a short name without a version, whatever a caller sends', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (userAgent) => {
        expect(clientOf(userAgent)).toMatch(/^([a-z][a-z0-9._+-]{0,31})?$/);
      }),
    );
  });
});

describe('the key of a call', () => {
  it.each(['AKIAQNZGKIQY56JQ7WML', 'ACCAEXAMPLE0000000000', 'TLYKABCDEFGHIJKLMNOP'])(
    '%s is one that is kept',
    (key) => {
      expect(lastingKeyId({ accessKeyId: key })).toBe(key);
    },
  );

  it.each(['ASIAQNZGKIQY56JQ7WML', '', '5f2c'])('`%s` is none that is kept', (key) => {
    expect(lastingKeyId({ accessKeyId: key })).toBe('');
  });
});
