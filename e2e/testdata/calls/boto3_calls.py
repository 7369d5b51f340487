"""Makes the calls that it is told of, a line of JSON each, and answers each with a line."""

import base64
import datetime
import json
import os
import sys

import boto3
from botocore import UNSIGNED, xform_name
from botocore.client import Config
from botocore.exceptions import ClientError


session = boto3.Session()
clients = {}


def client(service, who):
    """One for each service and caller: they are slow to make."""
    name = (service, *who.values())
    if name not in clients:
        clients[name] = make_client(service, who)
    return clients[name]


def make_client(service, who):
    settings = {"retries": {"max_attempts": 0}, "parameter_validation": False, "s3": {"addressing_style": "path"}}
    if not who["AccessKeyID"]:
        settings["signature_version"] = UNSIGNED
    return session.client(
        service,
        endpoint_url=os.environ["AWS_ENDPOINT_URL"],
        region_name=os.environ["AWS_REGION"],
        aws_access_key_id=who["AccessKeyID"] or None,
        aws_secret_access_key=who["SecretAccessKey"] or None,
        aws_session_token=who["SessionToken"] or None,
        config=Config(**settings),
    )


def plain(value):
    if isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.read().decode()


def call(line):
    operation = getattr(client(line["service"], line["who"]), xform_name(line["operation"]))
    try:
        return {"Output": operation(**line["parameters"])}
    except ClientError as refused:
        error = refused.response["Error"]
        return {
            "Code": error["Code"],
            "Message": error.get("Message", ""),
            "Status": refused.response["ResponseMetadata"]["HTTPStatusCode"],
        }


for text in sys.stdin:
    print(json.dumps(call(json.loads(text)), default=plain), flush=True)
