"""One streamed inference call with boto3. Endpoint, region and credentials come from the environment:

    eval "$(npx tallyline env)"
    python3 examples/boto3_converse.py

boto3 reads AWS_ENDPOINT_URL from version 1.28 on and knows ConverseStream from 1.34.116 on.
"""

import boto3

print(boto3.client("sts").get_caller_identity()["Arn"])

response = boto3.client("bedrock-runtime").converse_stream(
    modelId="us.anthropic.claude-sonnet-4-6",
    messages=[{"role": "user", "content": [{"text": "Say hello."}]}],
)
for event in response["stream"]:
    if "contentBlockDelta" in event:
        print(event["contentBlockDelta"]["delta"]["text"], end="")
    if "metadata" in event:
        usage = event["metadata"]["usage"]
        print(f"\n{usage['inputTokens']} input tokens, {usage['outputTokens']} output tokens")
