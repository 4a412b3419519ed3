"""What a Python programme sees: runs every step whose service this boto3 knows and prints one line of JSON for each.

Endpoint and credentials come from the environment (AWS_ENDPOINT_URL and the usual AWS_* variables). The one argument
makes the names of this run its own.
"""

import datetime
import json
import os
import sys
import urllib.error
import urllib.request

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, EventStreamError

RUN = sys.argv[1]
MODEL = "anthropic.claude-sonnet-4-6"
MESSAGES = [{"role": "user", "content": [{"text": "hello"}]}]

session = boto3.Session()


def client(service, **credentials):
    config = Config(retries={"total_max_attempts": 1})
    return session.client(service, endpoint_url=os.environ["AWS_ENDPOINT_URL"], config=config, **credentials)


def error_of(call):
    """Code, message, status and class of the error that a call must raise."""
    try:
        call()
    except (ClientError, EventStreamError) as error:
        response = error.response
        return {
            "code": response["Error"]["Code"],
            "message": response["Error"]["Message"],
            "status": response.get("ResponseMetadata", {}).get("HTTPStatusCode"),
            "class": type(error).__name__,
        }
    raise AssertionError("no error was raised")


def fetch(url):
    try:
        with urllib.request.urlopen(url) as answer:
            return {"status": answer.status, "body": answer.read().decode()}
    except urllib.error.HTTPError as error:
        return {"status": error.code, "body": error.read().decode()}


def sts():
    sts = client("sts")
    identity = sts.get_caller_identity()
    role = f"arn:aws:iam::{identity['Account']}:role/PythonRole"
    tags = [{"Key": "team", "Value": "py"}]
    assumed = sts.assume_role(RoleArn=role, RoleSessionName=RUN, Tags=tags, DurationSeconds=900)
    keys = assumed["Credentials"]
    as_role = client(
        "sts",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
    )
    return {
        "arn": identity["Arn"],
        "session": as_role.get_caller_identity()["Arn"],
        "expiresAhead": keys["Expiration"] > datetime.datetime.now(datetime.timezone.utc),
        "missingRole": error_of(lambda: sts.assume_role(RoleArn=role + "x", RoleSessionName=RUN)),
    }


def presigned():
    url = client("sts").generate_presigned_url("get_caller_identity", ExpiresIn=60, HttpMethod="GET")
    tampered = url.replace("X-Amz-Expires=60", "X-Amz-Expires=61")
    return {"good": fetch(url), "tampered": fetch(tampered)}


def iam():
    iam = client("iam")
    name = f"{RUN}-user"
    user = iam.create_user(UserName=name, Path=f"/{RUN}/", Tags=[{"Key": "k", "Value": "a b"}])["User"]
    for index in range(3):
        iam.create_user(UserName=f"{name}-{index}", Path=f"/{RUN}/")
    pages = iam.get_paginator("list_users").paginate(PathPrefix=f"/{RUN}/", PaginationConfig={"PageSize": 2})
    document = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
    iam.put_user_policy(UserName=name, PolicyName="all", PolicyDocument=json.dumps(document))
    return {
        "arn": user["Arn"],
        "tags": user["Tags"],
        "pages": [[one["UserName"] for one in page["Users"]] for page in pages],
        # boto3 decodes the percent-encoded document.
        "policy": iam.get_user_policy(UserName=name, PolicyName="all")["PolicyDocument"] == document,
        "missing": error_of(lambda: iam.get_user(UserName="nobody")),
        "conflict": error_of(lambda: iam.delete_user(UserName=name)),
    }


def ce():
    ce = client("ce")
    today = datetime.datetime.now(datetime.timezone.utc).date()
    period = {"Start": str(today - datetime.timedelta(1)), "End": str(today + datetime.timedelta(1))}
    question = {"TimePeriod": period, "Granularity": "DAILY", "Metrics": ["UnblendedCost", "UsageQuantity"]}
    by = [{"Type": "DIMENSION", "Key": "USAGE_TYPE"}]
    results = ce.get_cost_and_usage(GroupBy=by, **question)["ResultsByTime"]
    tags = ce.list_cost_allocation_tags()["CostAllocationTags"]
    return {
        "groups": [group for result in results for group in result["Groups"]],
        "tags": [tag["TagKey"] for tag in tags],
        "badMetric": error_of(lambda: ce.get_cost_and_usage(**{**question, "Metrics": ["Nonsense"]})),
    }


def cost_category():
    """None on an old boto3, which knows costs but no cost categories."""
    ce = client("ce")
    if not hasattr(ce, "create_cost_category_definition"):
        return None
    rules = [
        {"Value": "Claude", "Rule": {"Dimensions": {"Key": "USAGE_TYPE", "Values": ["Claude"], "MatchOptions": ["CONTAINS"]}}},
        {"Type": "INHERITED_VALUE", "InheritedValue": {"DimensionName": "TAG", "DimensionKey": "iamPrincipal/team"}},
    ]
    definition = {"RuleVersion": "CostCategoryExpression.v1", "Rules": rules, "DefaultValue": "rest"}
    name = f"{RUN} models"
    arn = ce.create_cost_category_definition(Name=name, **definition)["CostCategoryArn"]
    described = ce.describe_cost_category_definition(CostCategoryArn=arn)["CostCategory"]
    today = datetime.datetime.now(datetime.timezone.utc).date()
    period = {"Start": str(today - datetime.timedelta(1)), "End": str(today + datetime.timedelta(1))}
    by = [{"Type": "COST_CATEGORY", "Key": name}]
    question = {"TimePeriod": period, "Granularity": "DAILY", "Metrics": ["UnblendedCost"], "GroupBy": by}
    results = ce.get_cost_and_usage(**question)["ResultsByTime"]
    ce.update_cost_category_definition(CostCategoryArn=arn, RuleVersion=definition["RuleVersion"], Rules=rules[:1])
    listed = ce.list_cost_category_definitions()["CostCategoryReferences"]
    ce.delete_cost_category_definition(CostCategoryArn=arn)
    return {
        "isEchoed": all(described[member] == value for member, value in definition.items()),
        "keys": [group["Keys"][0] for result in results for group in result["Groups"]],
        "rules": [one["NumberOfRules"] for one in listed if one["Name"] == name],
        "gone": error_of(lambda: ce.describe_cost_category_definition(CostCategoryArn=arn)),
    }


def bcm():
    bcm = client("bcm-data-exports")
    definition = {
        "Name": RUN,
        "DataQuery": {"QueryStatement": "SELECT line_item_usage_type FROM COST_AND_USAGE_REPORT"},
        "DestinationConfigurations": {
            "S3Destination": {
                "S3Bucket": "bills",
                "S3Prefix": "py",
                "S3Region": "us-east-1",
                "S3OutputConfigurations": {
                    "OutputType": "CUSTOM",
                    "Format": "PARQUET",
                    "Compression": "PARQUET",
                    "Overwrite": "OVERWRITE_REPORT",
                },
            }
        },
        "RefreshCadence": {"Frequency": "SYNCHRONOUS"},
    }
    arn = bcm.create_export(Export=definition)["ExportArn"]
    status = bcm.get_export(ExportArn=arn)["ExportStatus"]
    names = [export["ExportName"] for export in bcm.list_exports()["Exports"]]
    bcm.delete_export(ExportArn=arn)
    return {
        "status": status["StatusCode"],
        "createdAt": isinstance(status["CreatedAt"], datetime.datetime),
        "names": names,
        "tables": [table["TableName"] for table in bcm.list_tables()["Tables"]],
        "missing": error_of(lambda: bcm.get_export(ExportArn=arn)),
    }


def bedrock():
    bedrock = client("bedrock")
    models = bedrock.list_foundation_models(byProvider="anthropic")["modelSummaries"]
    pages = bedrock.get_paginator("list_inference_profiles").paginate(PaginationConfig={"PageSize": 10})
    profiles = [one["inferenceProfileId"] for page in pages for one in page["inferenceProfileSummaries"]]
    return {
        "models": [model["modelId"] for model in models],
        "profiles": profiles,
        "distinct": len(set(profiles)) == len(profiles),
    }


def inference_profile():
    """Creates a profile, calls it by its ARN, changes its tags and deletes it."""
    bedrock = client("bedrock")
    if not hasattr(bedrock, "create_inference_profile"):
        return None
    source = f"arn:aws:bedrock:us-east-1::foundation-model/{MODEL}"
    created = bedrock.create_inference_profile(
        inferenceProfileName=f"{RUN} chat", modelSource={"copyFrom": source}, tags=[{"key": "project", "value": RUN}]
    )
    arn = created["inferenceProfileArn"]
    answer = client("bedrock-runtime").converse(modelId=arn, messages=MESSAGES)
    bedrock.tag_resource(resourceARN=arn, tags=[{"key": "stage", "value": "test"}])
    bedrock.untag_resource(resourceARN=arn, tagKeys=["project"])
    listed = bedrock.list_inference_profiles(typeEquals="APPLICATION")["inferenceProfileSummaries"]
    shown = bedrock.get_inference_profile(inferenceProfileIdentifier=arn)
    tags = bedrock.list_tags_for_resource(resourceARN=arn)["tags"]
    bedrock.delete_inference_profile(inferenceProfileIdentifier=arn)
    return {
        "arn": arn,
        "status": created["status"],
        "requestId": answer["ResponseMetadata"]["RequestId"],
        "isListed": arn in [one["inferenceProfileArn"] for one in listed],
        "shown": [shown["inferenceProfileName"], shown["type"], shown["models"], type(shown["createdAt"]).__name__],
        "tags": tags,
        "missing": error_of(lambda: bedrock.get_inference_profile(inferenceProfileIdentifier=arn)),
    }


def simulate(**values):
    return {"simulate": values}


def converse():
    runtime = client("bedrock-runtime")
    usage = simulate(inputTokens=70, outputTokens=4, cacheReadInputTokens=9)
    answer = runtime.converse(modelId=MODEL, messages=MESSAGES, additionalModelRequestFields=usage)
    throttled = simulate(error={"name": "ThrottlingException"})
    return {
        "usage": answer["usage"],
        "stopReason": answer["stopReason"],
        "content": answer["output"]["message"]["content"],
        "requestId": answer["ResponseMetadata"]["RequestId"],
        "throttled": error_of(
            lambda: runtime.converse(modelId=MODEL, messages=MESSAGES, additionalModelRequestFields=throttled)
        ),
        "unknownModel": error_of(lambda: runtime.converse(modelId="nothing", messages=MESSAGES)),
    }


def converse_stream():
    runtime = client("bedrock-runtime")
    usage = simulate(inputTokens=70, outputTokens=4)
    answer = runtime.converse_stream(modelId=MODEL, messages=MESSAGES, additionalModelRequestFields=usage)
    events = list(answer["stream"])
    broken = simulate(outputTokens=4, error={"name": "ThrottlingException", "afterTokens": 2})
    cut = runtime.converse_stream(modelId=MODEL, messages=MESSAGES, additionalModelRequestFields=broken)
    seen = []

    def read():
        for event in cut["stream"]:
            seen.extend(event)

    return {
        "kinds": [next(iter(event)) for event in events],
        "last": events[-1]["metadata"]["usage"],
        "error": error_of(read),
        "seen": seen,
    }


def native(**values):
    return json.dumps(
        {
            "anthropic_version": "bedrock-2023-05-31",
            "max_tokens": 100,
            "messages": [{"role": "user", "content": "hello"}],
            "simulate": values,
        }
    )


def invoke_model():
    runtime = client("bedrock-runtime")
    answer = runtime.invoke_model(modelId=MODEL, body=native(inputTokens=70, outputTokens=4))
    headers = answer["ResponseMetadata"]["HTTPHeaders"]
    streamed = runtime.invoke_model_with_response_stream(modelId=MODEL, body=native(inputTokens=70, outputTokens=4))
    chunks = [json.loads(event["chunk"]["bytes"]) for event in streamed["body"]]
    return {
        "contentType": answer["contentType"],
        "body": json.loads(answer["body"].read()),
        "headers": {name: value for name, value in headers.items() if name.endswith("-token-count")},
        "chunks": [chunk["type"] for chunk in chunks],
        "metrics": chunks[-1]["amazon-bedrock-invocationMetrics"],
    }


STEPS = {
    "sts": [sts, presigned],
    "iam": [iam],
    "ce": [ce, cost_category],
    "bcm-data-exports": [bcm],
    "bedrock": [bedrock],
    "bedrock-runtime": [inference_profile, converse, converse_stream, invoke_model],
}

known = session.get_available_services()
for service, steps in STEPS.items():
    for step in steps:
        result = step() if service in known else None
        print(json.dumps({"step": step.__name__, "result": result}), flush=True)
