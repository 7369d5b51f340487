"""Checks of the sandbox's S3 by boto3 and the aws command.

Each check is a function that begins with "check_"; it makes what it needs in a
bucket of its own, and prints one line: "ok NAME" or "FAIL NAME: why". The
environment names the endpoint and the keys of the customer's root; the keys of
another account are in OTHER_ACCESS_KEY_ID and OTHER_SECRET_ACCESS_KEY, the
customer's account in CUSTOMER.
"""

import base64
import hashlib
import io
import json
import os
import subprocess
import sys
import tempfile
import traceback
import urllib.error
import urllib.request
import zlib
from datetime import datetime, timedelta, timezone

import boto3
from boto3.s3.transfer import TransferConfig
from botocore import UNSIGNED
from botocore.config import Config
from botocore.exceptions import ClientError, MissingDependencyException

ENDPOINT = os.environ["AWS_ENDPOINT_URL"]
PATH = Config(signature_version="s3v4", s3={"addressing_style": "path"}, retries={"max_attempts": 1})
s3 = boto3.client("s3", config=PATH)
other = boto3.client("s3", config=PATH, aws_access_key_id=os.environ["OTHER_ACCESS_KEY_ID"],
                     aws_secret_access_key=os.environ["OTHER_SECRET_ACCESS_KEY"])
anonymous = boto3.client("s3", config=PATH.merge(Config(signature_version=UNSIGNED)))
OPEN = {"BlockPublicAcls": False, "IgnorePublicAcls": False, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}


def refused(code, call, **arguments):
    """The call must be refused with this code."""
    try:
        call(**arguments)
    except ClientError as error:
        got = error.response["Error"]["Code"]
        assert got in code.split("|"), f"refused with {got}, want {code}"
        return error.response
    raise AssertionError(f"not refused, want {code}")


def fetch(url, data=None, method=None, headers=None):
    """A plain HTTP call: status, headers and body."""
    request = urllib.request.Request(url, data=data, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def aws(*arguments, status=0):
    """The aws command: its output, which must end with this status."""
    done = subprocess.run(["aws", *arguments], capture_output=True, text=True)
    assert done.returncode == status, f"aws {' '.join(arguments)}: status {done.returncode}: {done.stderr.strip()}"
    return done.stdout + done.stderr


def put(bucket, key="k", body=b"text", **more):
    return s3.put_object(Bucket=bucket, Key=key, Body=body, **more)


def body(bucket, key="k", **more):
    return s3.get_object(Bucket=bucket, Key=key, **more)["Body"].read()


# Buckets.

def check_bucket_region(b):
    s3.create_bucket(Bucket=b + "-eu", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert s3.get_bucket_location(Bucket=b)["LocationConstraint"] is None
    answer = fetch(f"{ENDPOINT}/{b}-eu", method="HEAD")
    assert answer[1]["x-amz-bucket-region"] == "eu-west-1", answer


def check_bucket_of_another(b):
    refused("BucketAlreadyExists", other.create_bucket, Bucket=b)


def check_bucket_not_empty(b):
    put(b)
    refused("BucketNotEmpty", s3.delete_bucket, Bucket=b)


def check_bucket_name(b):
    refused("InvalidBucketName", boto3.client("s3", config=PATH.merge(Config(parameter_validation=False))).create_bucket, Bucket="Not_A_Name")


def check_bucket_listed_by_prefix(b):
    assert [x["Name"] for x in s3.list_buckets(Prefix=b)["Buckets"]] == [b]


def check_bucket_tagging(b):
    s3.put_bucket_tagging(Bucket=b, Tagging={"TagSet": [{"Key": "team", "Value": "x"}]})
    assert s3.get_bucket_tagging(Bucket=b)["TagSet"] == [{"Key": "team", "Value": "x"}]
    s3.delete_bucket_tagging(Bucket=b)
    refused("NoSuchTagSet", s3.get_bucket_tagging, Bucket=b)


def check_expected_owner(b):
    s3.head_bucket(Bucket=b, ExpectedBucketOwner=os.environ["CUSTOMER"])
    refused("AccessDenied", s3.list_objects_v2, Bucket=b, ExpectedBucketOwner="999999999999")


# Objects.

def check_object_round_trip(b):
    etag = put(b, "a/b c+d", b"hello", ContentType="text/x", Metadata={"one": "1"})["ETag"]
    got = s3.get_object(Bucket=b, Key="a/b c+d")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"hello", "text/x", {"one": "1"})
    assert etag == f'"{hashlib.md5(b"hello").hexdigest()}"' == got["ETag"]


def check_key_and_key_below_it(b):
    put(b, "x", b"1")
    put(b, "x/y", b"2")
    assert body(b, "x") + body(b, "x/y") == b"12"


def check_no_such_key(b):
    refused("NoSuchKey", s3.get_object, Bucket=b, Key="none")
    refused("404", s3.head_object, Bucket=b, Key="none")


def check_key_too_long(b):
    refused("KeyTooLongError", s3.put_object, Bucket=b, Key="k" * 1025, Body=b"")


def check_ranges(b):
    put(b, body=b"0123456789")
    for span, want in {"bytes=2-4": b"234", "bytes=7-": b"789", "bytes=-3": b"789", "bytes=8-99": b"89"}.items():
        got = s3.get_object(Bucket=b, Key="k", Range=span)
        assert got["Body"].read() == want and got["ResponseMetadata"]["HTTPStatusCode"] == 206, span
    refused("InvalidRange", s3.get_object, Bucket=b, Key="k", Range="bytes=10-")


def check_conditional_read(b):
    etag = put(b)["ETag"]
    body(b, IfMatch=etag)
    refused("PreconditionFailed", s3.get_object, Bucket=b, Key="k", IfMatch='"no"')
    refused("304", s3.get_object, Bucket=b, Key="k", IfNoneMatch=etag)
    refused("PreconditionFailed", s3.get_object, Bucket=b, Key="k", IfUnmodifiedSince=datetime(2001, 1, 1))


def check_conditional_write(b):
    etag = put(b, IfNoneMatch="*")["ETag"]
    refused("PreconditionFailed", s3.put_object, Bucket=b, Key="k", Body=b"2", IfNoneMatch="*")
    put(b, body=b"3", IfMatch=etag)
    refused("PreconditionFailed", s3.put_object, Bucket=b, Key="k", Body=b"4", IfMatch=etag)
    assert body(b) == b"3"


def check_conditional_delete(b):
    etag = put(b)["ETag"]
    refused("PreconditionFailed", s3.delete_object, Bucket=b, Key="k", IfMatch='"no"')
    s3.delete_object(Bucket=b, Key="k", IfMatch=etag)


def check_bad_md5(b):
    refused("BadDigest", s3.put_object, Bucket=b, Key="k", Body=b"x", ContentMD5=base64.b64encode(b"0" * 16).decode())


def check_object_tagging(b):
    put(b, Tagging="a=1&b=2")
    assert len(s3.get_object_tagging(Bucket=b, Key="k")["TagSet"]) == 2
    assert s3.head_object(Bucket=b, Key="k")["ResponseMetadata"]["HTTPHeaders"]["x-amz-tagging-count"] == "2"
    refused("BadRequest", s3.put_object_tagging, Bucket=b, Key="k",
            Tagging={"TagSet": [{"Key": str(n), "Value": ""} for n in range(11)]})
    s3.delete_object_tagging(Bucket=b, Key="k")
    assert s3.get_object_tagging(Bucket=b, Key="k")["TagSet"] == []


def check_metadata_too_large(b):
    refused("MetadataTooLarge", s3.put_object, Bucket=b, Key="k", Body=b"", Metadata={"m": "x" * 3000})


def check_delete_objects(b):
    for n in range(3):
        put(b, str(n))
    out = s3.delete_objects(Bucket=b, Delete={"Objects": [{"Key": str(n)} for n in range(4)]})
    assert len(out["Deleted"]) == 4 and "Errors" not in out
    assert s3.list_objects_v2(Bucket=b)["KeyCount"] == 0


def check_copy(b):
    put(b, "from/ä b", b"copied", Metadata={"m": "1"}, Tagging="t=1")
    s3.copy_object(Bucket=b, Key="to", CopySource={"Bucket": b, "Key": "from/ä b"})
    got = s3.get_object(Bucket=b, Key="to")
    assert (got["Body"].read(), got["Metadata"], got["TagCount"]) == (b"copied", {"m": "1"}, 1)
    s3.copy_object(Bucket=b, Key="to", CopySource={"Bucket": b, "Key": "to"}, MetadataDirective="REPLACE", Metadata={"n": "2"})
    assert s3.head_object(Bucket=b, Key="to")["Metadata"] == {"n": "2"}


def check_copy_conditions(b):
    etag = put(b)["ETag"]
    source = {"Bucket": b, "Key": "k"}
    s3.copy_object(Bucket=b, Key="c", CopySource=source, CopySourceIfMatch=etag)
    refused("PreconditionFailed", s3.copy_object, Bucket=b, Key="c", CopySource=source, CopySourceIfNoneMatch=etag)


def check_attributes(b):
    put(b, body=b"12345", ChecksumAlgorithm="SHA256")
    got = s3.get_object_attributes(Bucket=b, Key="k", ObjectAttributes=["ETag", "Checksum", "ObjectSize", "StorageClass"])
    assert got["ObjectSize"] == 5 and got["StorageClass"] == "STANDARD"
    assert got["Checksum"]["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(b"12345").digest()).decode()


# Lists.

def check_list_pages(b):
    for n in range(25):
        put(b, f"k{n:02}")
    pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=b, PaginationConfig={"PageSize": 10}))
    assert [len(p["Contents"]) for p in pages] == [10, 10, 5]
    old = list(s3.get_paginator("list_objects").paginate(Bucket=b, PaginationConfig={"PageSize": 10}))
    assert [o["Key"] for p in old for o in p["Contents"]] == [o["Key"] for p in pages for o in p["Contents"]]


def check_list_delimiter(b):
    for key in ("a/1", "a/2", "b/1", "c"):
        put(b, key)
    got = s3.list_objects_v2(Bucket=b, Delimiter="/")
    assert [p["Prefix"] for p in got["CommonPrefixes"]] == ["a/", "b/"] and [o["Key"] for o in got["Contents"]] == ["c"]
    assert s3.list_objects_v2(Bucket=b, Prefix="a/", StartAfter="a/1")["Contents"][0]["Key"] == "a/2"


def check_list_encoding(b):
    put(b, "a\x01+ é")
    assert s3.list_objects_v2(Bucket=b)["Contents"][0]["Key"] == "a\x01+ é"


# Versions.

def check_versions(b):
    s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Enabled"})
    first, second = put(b, body=b"1")["VersionId"], put(b, body=b"2")["VersionId"]
    assert body(b) == b"2" and body(b, VersionId=first) == b"1"
    marker = s3.delete_object(Bucket=b, Key="k")
    assert marker["DeleteMarker"]
    answer = refused("NoSuchKey", s3.get_object, Bucket=b, Key="k")
    assert answer["ResponseMetadata"]["HTTPHeaders"]["x-amz-delete-marker"] == "true"
    refused("MethodNotAllowed", s3.get_object, Bucket=b, Key="k", VersionId=marker["VersionId"])
    s3.delete_object(Bucket=b, Key="k", VersionId=marker["VersionId"])
    assert [v["VersionId"] for v in s3.list_object_versions(Bucket=b)["Versions"]] == [second, first]


def check_suspended_versions(b):
    put(b, body=b"0")
    s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Enabled"})
    put(b, body=b"1")
    s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Suspended"})
    put(b, body=b"2")
    assert body(b, VersionId="null") == b"2" and len(s3.list_object_versions(Bucket=b)["Versions"]) == 2


# Multipart uploads.

def check_multipart_transfer(b):
    data = os.urandom(11 << 20)
    s3.upload_fileobj(io.BytesIO(data), b, "big", Config=TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20))
    assert s3.head_object(Bucket=b, Key="big")["ETag"].endswith('-3"')
    out = io.BytesIO()
    s3.download_fileobj(b, "big", out)
    assert out.getvalue() == data
    assert body(b, "big", PartNumber=3) == data[10 << 20:]


def upload(b, sizes, **more):
    created = s3.create_multipart_upload(Bucket=b, Key="m", **more)["UploadId"]
    parts = []
    for n, size in enumerate(sizes, 1):
        etag = s3.upload_part(Bucket=b, Key="m", UploadId=created, PartNumber=n, Body=b"x" * size)["ETag"]
        parts.append({"PartNumber": n, "ETag": etag})
    return {"Bucket": b, "Key": "m", "UploadId": created}, parts


def check_multipart_too_small(b):
    named, parts = upload(b, [10, 10])
    refused("EntityTooSmall", s3.complete_multipart_upload, MultipartUpload={"Parts": parts}, **named)
    refused("InvalidPartOrder", s3.complete_multipart_upload, MultipartUpload={"Parts": parts[::-1]}, **named)
    refused("InvalidPart", s3.complete_multipart_upload, MultipartUpload={"Parts": [{"PartNumber": 9, "ETag": "x"}]}, **named)


def check_multipart_abort(b):
    named, _ = upload(b, [10])
    assert len(s3.list_multipart_uploads(Bucket=b)["Uploads"]) == 1 and len(s3.list_parts(**named)["Parts"]) == 1
    s3.abort_multipart_upload(**named)
    refused("NoSuchUpload", s3.list_parts, **named)


def check_multipart_completed_twice(b):
    named, parts = upload(b, [10])
    first = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **named)
    again = s3.complete_multipart_upload(MultipartUpload={"Parts": parts}, **named)
    assert first["ETag"] == again["ETag"]


def check_multipart_copy(b):
    put(b, "source", b"0123456789")
    created = s3.create_multipart_upload(Bucket=b, Key="m")["UploadId"]
    named = {"Bucket": b, "Key": "m", "UploadId": created}
    part = s3.upload_part_copy(PartNumber=1, CopySource={"Bucket": b, "Key": "source"}, CopySourceRange="bytes=2-5", **named)
    s3.complete_multipart_upload(MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["CopyPartResult"]["ETag"]}]}, **named)
    assert body(b, "m") == b"2345"


def check_multipart_conditional(b):
    put(b, "m", b"there")
    named, parts = upload(b, [10])
    refused("PreconditionFailed", s3.complete_multipart_upload, MultipartUpload={"Parts": parts}, IfNoneMatch="*", **named)


# Checksums.

def check_checksums(b):
    for algorithm in ("CRC32", "CRC32C", "CRC64NVME", "SHA1", "SHA256"):
        try:
            put(b, algorithm, b"summed", ChecksumAlgorithm=algorithm)
        except MissingDependencyException:
            continue  # botocore computes this one only with awscrt
        got = s3.get_object(Bucket=b, Key=algorithm, ChecksumMode="ENABLED")
        assert got["Body"].read() == b"summed" and got["Checksum" + algorithm], algorithm


def check_wrong_checksum(b):
    wrong = base64.b64encode(b"0" * 32).decode()
    refused("BadDigest", s3.put_object, Bucket=b, Key="k", Body=b"x", ChecksumSHA256=wrong)
    refused("NoSuchKey", s3.get_object, Bucket=b, Key="k")


def check_full_object_checksum(b):
    created = s3.create_multipart_upload(Bucket=b, Key="m", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")["UploadId"]
    named = {"Bucket": b, "Key": "m", "UploadId": created}
    part = s3.upload_part(PartNumber=1, Body=b"whole", ChecksumAlgorithm="CRC32", **named)
    whole = base64.b64encode(zlib.crc32(b"whole").to_bytes(4, "big")).decode()
    parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}]}
    refused("BadDigest", s3.complete_multipart_upload, MultipartUpload=parts, ChecksumCRC32="AAAAAA==", ChecksumType="FULL_OBJECT", **named)
    done = s3.complete_multipart_upload(MultipartUpload=parts, ChecksumCRC32=whole, ChecksumType="FULL_OBJECT", **named)
    assert done["ChecksumCRC32"] == whole


# Presigned URLs and forms.

def check_presigned_get(b):
    put(b, body=b"signed")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": b, "Key": "k"}, ExpiresIn=60)
    assert fetch(url)[::2] == (200, b"signed")
    assert fetch(url.replace("X-Amz-Expires=60", "X-Amz-Expires=61"))[0] == 403
    assert fetch(url, method="DELETE")[0] == 403


def check_presigned_put(b):
    url = s3.generate_presigned_url("put_object", Params={"Bucket": b, "Key": "k"})
    assert fetch(url, b"put", "PUT")[0] == 200 and body(b) == b"put"


def form(fields, data):
    edge = "----edge"
    lines = [f'--{edge}\r\nContent-Disposition: form-data; name="{k}"\r\n\r\n{v}\r\n' for k, v in fields.items()]
    lines.append(f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\n')
    return "".join(lines).encode() + data + f"\r\n--{edge}--\r\n".encode(), {"Content-Type": f"multipart/form-data; boundary={edge}"}


def check_presigned_post(b):
    made = s3.generate_presigned_post(b, "up/${filename}", Conditions=[["content-length-range", 1, 10]])
    data, headers = form(made["fields"], b"posted")
    assert fetch(made["url"], data, "POST", headers)[0] == 204 and body(b, "up/f") == b"posted"
    data, headers = form(made["fields"], b"more than ten bytes")
    assert fetch(made["url"], data, "POST", headers)[0] == 400
    data, headers = form({**made["fields"], "acl": "public-read"}, b"posted")
    assert fetch(made["url"], data, "POST", headers)[0] == 403


def session_client():
    """A client with boto3's own settings, of a session of a user who may do everything."""
    iam = boto3.client("iam")
    try:
        iam.create_user(UserName="presigner")
        iam.put_user_policy(UserName="presigner", PolicyName="all", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    except iam.exceptions.EntityAlreadyExistsException:
        pass
    key = iam.create_access_key(UserName="presigner")["AccessKey"]
    named = {"aws_access_key_id": key["AccessKeyId"], "aws_secret_access_key": key["SecretAccessKey"]}
    keys = boto3.client("sts", **named).get_session_token()["Credentials"]
    iam.delete_access_key(UserName="presigner", AccessKeyId=key["AccessKeyId"])
    return boto3.client("s3", aws_access_key_id=keys["AccessKeyId"], aws_secret_access_key=keys["SecretAccessKey"],
                        aws_session_token=keys["SessionToken"])


def check_default_presigned_get(b):
    put(b, "a b/ü+k", body=b"signed")
    for client in boto3.client("s3"), session_client():
        url = client.generate_presigned_url("get_object", Params={
            "Bucket": b, "Key": "a b/ü+k", "ResponseContentType": "text/x", "ResponseContentDisposition": 'attachment; filename="a b+c"'})
        assert "&Expires=" in url, f"not by Signature Version 2: {url}"
        status, headers, data = fetch(url)
        assert (status, data, headers["Content-Type"]) == (200, b"signed", "text/x"), (status, data)
        assert headers["Content-Disposition"] == 'attachment; filename="a b+c"'
        assert b"SignatureDoesNotMatch" in fetch(url.replace("text%2Fx", "text%2Fy"))[2]
        assert b"SignatureDoesNotMatch" in fetch(url + "&acl")[2]
        assert fetch(url, method="DELETE")[0] == 403


def check_default_presigned_put(b):
    client = boto3.client("s3")
    url = client.generate_presigned_url("put_object", Params={"Bucket": b, "Key": "k", "ContentType": "text/x", "Metadata": {"a": "1"}, "StorageClass": "STANDARD_IA"})
    assert fetch(url, b"put", "PUT", {"Content-Type": "text/y"})[0] == 403
    assert fetch(url, b"put", "PUT", {"Content-Type": "text/x", "x-amz-acl": "private"})[0] == 403
    assert fetch(url, b"put", "PUT", {"Content-Type": "text/x"})[0] == 200
    head = s3.head_object(Bucket=b, Key="k")
    assert (head["ContentType"], head["Metadata"], head["StorageClass"]) == ("text/x", {"a": "1"}, "STANDARD_IA"), head


def check_default_presigned_part(b):
    client, named = boto3.client("s3"), {"Bucket": b, "Key": "k"}
    upload = s3.create_multipart_upload(**named)["UploadId"]
    url = client.generate_presigned_url("upload_part", Params={**named, "UploadId": upload, "PartNumber": 1})
    assert fetch(url.replace("partNumber=1", "partNumber=2"), b"part", "PUT", {"Content-Type": ""})[0] == 403
    etag = fetch(url, b"part", "PUT", {"Content-Type": ""})[1]["ETag"]
    s3.complete_multipart_upload(**named, UploadId=upload, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    assert body(b) == b"part"


def check_default_presigned_list(b):
    put(b, "one")
    client = boto3.client("s3")
    answer = fetch(client.generate_presigned_url("list_objects_v2", Params={"Bucket": b}))
    assert b"<Key>one</Key>" in answer[2], answer
    assert b.encode() in fetch(client.generate_presigned_url("list_buckets"))[2]
    url = client.generate_presigned_url("head_object", Params={"Bucket": b, "Key": "one"}, ExpiresIn=-1)
    assert fetch(url, method="HEAD")[0] == 403
    assert b"<Message>Request has expired</Message>" in fetch(client.generate_presigned_url("get_object", Params={"Bucket": b, "Key": "one"}, ExpiresIn=-1))[2]


def check_default_presigned_post(b):
    for client in boto3.client("s3"), session_client():
        made = client.generate_presigned_post(b, "up/${filename}", Conditions=[["content-length-range", 1, 10]])
        assert "signature" in made["fields"], f"not by Signature Version 2: {made}"
        data, headers = form(made["fields"], b"posted")
        assert fetch(made["url"], data, "POST", headers)[0] == 204 and body(b, "up/f") == b"posted"
        for change, code in ({"signature": "AAAA"}, b"SignatureDoesNotMatch"), ({"AWSAccessKeyId": "AKIANONE"}, b"InvalidAccessKeyId"), ({"acl": "public-read"}, b"AccessDenied"):
            data, headers = form({**made["fields"], **change}, b"posted")
            answer = fetch(made["url"], data, "POST", headers)
            assert answer[0] == 403 and code in answer[2], answer


# Policies and access.

def policy(b, **statement):
    statement = {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{b}/*", **statement}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def check_private_by_default(b):
    put(b)
    refused("AccessDenied", anonymous.get_object, Bucket=b, Key="k")
    refused("AccessDenied", other.get_object, Bucket=b, Key="k")


def check_block_public_access(b):
    refused("AccessDenied", s3.put_bucket_policy, Bucket=b, Policy=policy(b))
    s3.put_public_access_block(Bucket=b, PublicAccessBlockConfiguration=OPEN)
    put(b)
    s3.put_bucket_policy(Bucket=b, Policy=policy(b))
    assert anonymous.get_object(Bucket=b, Key="k")["Body"].read() == b"text"
    assert s3.get_bucket_policy_status(Bucket=b)["PolicyStatus"]["IsPublic"]
    s3.put_public_access_block(Bucket=b, PublicAccessBlockConfiguration={**OPEN, "RestrictPublicBuckets": True})
    refused("AccessDenied", anonymous.get_object, Bucket=b, Key="k")


def check_anonymous_is_never_let_in(b):
    s3.put_public_access_block(Bucket=b, PublicAccessBlockConfiguration=OPEN)
    put(b)
    s3.put_bucket_policy(Bucket=b, Policy=policy(b, Action="s3:*", Resource=[f"arn:aws:s3:::{b}", f"arn:aws:s3:::{b}/*"]))
    assert anonymous.put_object(Bucket=b, Key="k", Body=b"text")["ETag"]
    for call, arguments, says in [
        (anonymous.create_multipart_upload, {"Key": "k"}, "Anonymous users cannot initiate multipart uploads. Please authenticate."),
        (anonymous.copy_object, {"Key": "copy", "CopySource": f"{b}/k"}, "Anonymous users cannot copy objects. Please authenticate."),
        (anonymous.put_bucket_acl, {"ACL": "private"}, "Anonymous users cannot invoke this API. Please authenticate."),
        (anonymous.put_object_acl, {"Key": "k", "ACL": "private"}, "Anonymous users cannot invoke this API. Please authenticate."),
    ]:
        assert refused("AccessDenied", call, Bucket=b, **arguments)["Error"]["Message"] == says


def check_policy_denies(b):
    put(b, "secret/k")
    s3.put_bucket_policy(Bucket=b, Policy=policy(b, Effect="Deny", Resource=f"arn:aws:s3:::{b}/secret/*",
                                                 Principal={"AWS": f"arn:aws:iam::{os.environ['CUSTOMER']}:root"}))
    refused("AccessDenied", s3.get_object, Bucket=b, Key="secret/k")
    s3.delete_bucket_policy(Bucket=b)
    body(b, "secret/k")


def check_policy_is_the_owners(b):
    everybody = policy(b, Principal={"AWS": "*"}, Action="s3:*BucketPolicy", Resource=f"arn:aws:s3:::{b}", Condition={"StringEquals": {"aws:PrincipalAccount": os.environ["SERVICE"]}})
    s3.put_bucket_policy(Bucket=b, Policy=everybody)
    refused("MethodNotAllowed", other.put_bucket_policy, Bucket=b, Policy=everybody)
    refused("MethodNotAllowed", other.get_bucket_policy, Bucket=b)
    refused("MethodNotAllowed", other.delete_bucket_policy, Bucket=b)
    s3.put_bucket_policy(Bucket=b, Policy=policy(b, Effect="Deny", Action="s3:*", Resource=[f"arn:aws:s3:::{b}", f"arn:aws:s3:::{b}/*"]))
    refused("AccessDenied", s3.put_object, Bucket=b, Key="k", Body=b"")
    refused("AccessDenied", s3.get_bucket_tagging, Bucket=b)
    assert "Deny" in s3.get_bucket_policy(Bucket=b)["Policy"]
    s3.delete_bucket_policy(Bucket=b)
    put(b)


def check_malformed_policies(b):
    refused("MalformedPolicy", s3.put_bucket_policy, Bucket=b, Policy=policy(b, Action=[]))
    refused("MalformedPolicy", s3.put_bucket_policy, Bucket=b, Policy="{")
    refused("MalformedPolicy", s3.put_bucket_policy, Bucket=b, Policy=policy("another"))
    refused("MalformedPolicy", s3.put_bucket_policy, Bucket=b, Policy=policy(b, Action="s3:ListBucket"))
    refused("MalformedPolicy", s3.put_bucket_policy, Bucket=b, Policy=policy(b, Condition={"StringEquals": {"s3:NoSuchKey": "x"}}))


def check_owner_enforced(b):
    refused("AccessControlListNotSupported", s3.put_bucket_acl, Bucket=b, ACL="public-read")
    refused("AccessControlListNotSupported", s3.put_object, Bucket=b, Key="k", Body=b"", ACL="public-read")
    assert s3.get_bucket_ownership_controls(Bucket=b)["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]


def check_access_control_list(b):
    s3.put_bucket_ownership_controls(Bucket=b, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    refused("AccessDenied", s3.put_object, Bucket=b, Key="k", Body=b"", ACL="public-read")
    s3.put_public_access_block(Bucket=b, PublicAccessBlockConfiguration=OPEN)
    put(b, "public", ACL="public-read")
    put(b, "private")
    assert anonymous.get_object(Bucket=b, Key="public")["Body"].read() == b"text"
    refused("AccessDenied", anonymous.get_object, Bucket=b, Key="private")
    granted = s3.get_object_acl(Bucket=b, Key="public")["Grants"]
    assert {g["Permission"] for g in granted} == {"FULL_CONTROL", "READ"}


def check_grant_to_another_account(b):
    s3.put_bucket_ownership_controls(Bucket=b, OwnershipControls={"Rules": [{"ObjectOwnership": "ObjectWriter"}]})
    whom = other.list_buckets()["Owner"]["ID"]
    put(b, "granted", GrantRead=f"id={whom}")
    assert other.get_object(Bucket=b, Key="granted")["Body"].read() == b"text"
    refused("AccessDenied", other.list_objects_v2, Bucket=b)


def check_requester_pays(b):
    put(b)
    s3.put_bucket_policy(Bucket=b, Policy=policy(b, Principal={"AWS": other_account()}))
    s3.put_bucket_request_payment(Bucket=b, RequestPaymentConfiguration={"Payer": "Requester"})
    refused("AccessDenied", other.get_object, Bucket=b, Key="k")
    assert other.get_object(Bucket=b, Key="k", RequestPayer="requester")["RequestCharged"] == "requester"


def other_account():
    sts = boto3.client("sts", aws_access_key_id=os.environ["OTHER_ACCESS_KEY_ID"], aws_secret_access_key=os.environ["OTHER_SECRET_ACCESS_KEY"])
    return sts.get_caller_identity()["Account"]


def check_content_encoding(b):
    for encoding in "gzip", "deflate, gzip", "deflate,gzip":
        put(b, ContentEncoding=encoding)
        assert s3.head_object(Bucket=b, Key="k")["ContentEncoding"] == encoding


def check_cors_of_presigned(b):
    url = s3.generate_presigned_url("put_object", Params={"Bucket": b, "Key": "k"})
    old = boto3.client("s3").generate_presigned_url("put_object", Params={"Bucket": b, "Key": "k"})
    asked = {"Origin": "https://a.example.com", "Access-Control-Request-Method": "PUT"}
    assert fetch(url, method="OPTIONS")[0] == 400
    assert fetch(url, method="OPTIONS", headers=asked)[0] == 403
    s3.put_bucket_cors(Bucket=b, CORSConfiguration={"CORSRules": [{"AllowedOrigins": ["https://*.example.com"], "AllowedMethods": ["PUT"]}]})
    for each in url, old:
        status, headers, _ = fetch(each, method="OPTIONS", headers=asked)
        assert (status, headers["Access-Control-Allow-Origin"]) == (200, "https://a.example.com"), (status, each)
        assert fetch(each, b"x", "PUT", {"Origin": "https://a.example.com", "Content-Type": ""})[0] == 200


def check_cors(b):
    s3.put_bucket_cors(Bucket=b, CORSConfiguration={"CORSRules": [{"AllowedOrigins": ["https://*.example.com"], "AllowedMethods": ["GET"], "AllowedHeaders": ["x-*"]}]})
    ask = {"Origin": "https://a.example.com", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "x-one"}
    status, headers, _ = fetch(f"{ENDPOINT}/{b}/k", method="OPTIONS", headers=ask)
    assert (status, headers["Access-Control-Allow-Origin"]) == (200, "https://a.example.com")
    assert fetch(f"{ENDPOINT}/{b}/k", method="OPTIONS", headers={**ask, "Origin": "https://evil.test"})[0] == 403


def check_wrong_secret(b):
    forged = boto3.client("s3", config=PATH, aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"], aws_secret_access_key="x" * 40)
    refused("SignatureDoesNotMatch", forged.list_objects_v2, Bucket=b)


def check_unknown_key(b):
    forged = boto3.client("s3", config=PATH, aws_access_key_id="AKIANOSUCHKEYNOSUCHK", aws_secret_access_key="x" * 40)
    refused("InvalidAccessKeyId", forged.list_objects_v2, Bucket=b)


def check_forged_session_token(b):
    forged = boto3.client("s3", config=PATH, aws_access_key_id=os.environ["AWS_ACCESS_KEY_ID"],
                          aws_secret_access_key=os.environ["AWS_SECRET_ACCESS_KEY"], aws_session_token="forged")
    refused("InvalidToken", forged.list_objects_v2, Bucket=b)


# Object lock.

def check_object_lock(b):
    name = b + "-lock"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    until = datetime.now(timezone.utc) + timedelta(days=1)
    version = put(name, ObjectLockMode="GOVERNANCE", ObjectLockRetainUntilDate=until)["VersionId"]
    refused("AccessDenied", s3.delete_object, Bucket=name, Key="k", VersionId=version)
    s3.delete_object(Bucket=name, Key="k")  # a delete marker goes on top
    s3.delete_object(Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True)


def check_compliance(b):
    name = b + "-lock"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    until = datetime.now(timezone.utc) + timedelta(days=1)
    version = put(name, ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)["VersionId"]
    refused("AccessDenied", s3.delete_object, Bucket=name, Key="k", VersionId=version, BypassGovernanceRetention=True)
    refused("AccessDenied", s3.put_object_retention, Bucket=name, Key="k", Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until - timedelta(hours=1)})


def check_legal_hold(b):
    name = b + "-lock"
    s3.create_bucket(Bucket=name, ObjectLockEnabledForBucket=True)
    version = put(name)["VersionId"]
    s3.put_object_legal_hold(Bucket=name, Key="k", LegalHold={"Status": "ON"})
    refused("AccessDenied", s3.delete_object, Bucket=name, Key="k", VersionId=version)
    s3.put_object_legal_hold(Bucket=name, Key="k", LegalHold={"Status": "OFF"})
    s3.delete_object(Bucket=name, Key="k", VersionId=version)


# Encryption and configurations.

def check_sse(b):
    assert put(b)["ServerSideEncryption"] == "AES256"
    assert put(b, ServerSideEncryption="aws:kms")["ServerSideEncryption"] == "aws:kms"
    refused("KMS.NotFoundException", s3.put_object, Bucket=b, Key="k", Body=b"", ServerSideEncryption="aws:kms", SSEKMSKeyId="11111111-1111-1111-1111-111111111111")


def check_customer_key(b):
    key = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}
    put(b, **key)
    refused("InvalidRequest", s3.get_object, Bucket=b, Key="k")
    refused("AccessDenied", s3.get_object, Bucket=b, Key="k", SSECustomerAlgorithm="AES256", SSECustomerKey="o" * 32)
    assert body(b, **key) == b"text"


def check_website_rules(b):
    s3.put_bucket_website(Bucket=b, WebsiteConfiguration={"IndexDocument": {"Suffix": "index.html"}})
    assert s3.get_bucket_website(Bucket=b)["IndexDocument"]["Suffix"] == "index.html"
    refused("InvalidArgument", s3.put_bucket_website, Bucket=b, WebsiteConfiguration={"IndexDocument": {"Suffix": "a/b"}})


def check_lifecycle_kept(b):
    rule = {"ID": "r", "Status": "Enabled", "Filter": {"Prefix": ""}, "Expiration": {"Days": 1}}
    for minimum in ({}, {"TransitionDefaultMinimumObjectSize": "varies_by_storage_class"}):
        kept = s3.put_bucket_lifecycle_configuration(Bucket=b, LifecycleConfiguration={"Rules": [rule]}, **minimum)
        read = s3.get_bucket_lifecycle_configuration(Bucket=b)
        assert read["Rules"][0]["ID"] == "r"
        expected = minimum.get("TransitionDefaultMinimumObjectSize", "all_storage_classes_128K")
        assert kept["TransitionDefaultMinimumObjectSize"] == read["TransitionDefaultMinimumObjectSize"] == expected, (kept, read)
    s3.delete_bucket_lifecycle(Bucket=b)
    refused("NoSuchLifecycleConfiguration", s3.get_bucket_lifecycle_configuration, Bucket=b)


def check_lifecycle_rules(b):
    def put_rules(*rules):
        return {"Bucket": b, "LifecycleConfiguration": {"Rules": [{"Filter": {"Prefix": ""}, **rule} for rule in rules]}}

    good = {"ID": "r", "Status": "Enabled", "Expiration": {"Days": 1}}
    refused("InvalidArgument", s3.put_bucket_lifecycle_configuration, **put_rules(good, good))
    refused("MalformedXML", s3.put_bucket_lifecycle_configuration, **put_rules({**good, "Status": "On"}))
    refused("InvalidArgument", s3.put_bucket_lifecycle_configuration, **put_rules({**good, "ID": "r" * 256}))
    refused("InvalidRequest", s3.put_bucket_lifecycle_configuration, **put_rules({"ID": "r", "Status": "Enabled"}))
    refused("InvalidArgument", s3.put_bucket_lifecycle_configuration, **put_rules({**good, "Expiration": {"Days": 0}}))
    refused("InvalidArgument", s3.put_bucket_lifecycle_configuration, **put_rules({**good, "Transitions": [{"Days": 29, "StorageClass": "STANDARD_IA"}]}))


def check_configurations(b):
    def log_to(bucket):
        return {"Bucket": b, "BucketLoggingStatus": {"LoggingEnabled": {"TargetBucket": bucket, "TargetPrefix": "log/"}}}

    refused("InvalidTargetBucketForLogging", s3.put_bucket_logging, **log_to(b + "-none"))
    s3.put_bucket_logging(**log_to(b))
    assert s3.get_bucket_logging(Bucket=b)["LoggingEnabled"]["TargetBucket"] == b
    s3.put_bucket_logging(Bucket=b, BucketLoggingStatus={})
    rule = {"ID": "r", "Priority": 1, "Status": "Enabled", "Filter": {"Prefix": ""}, "Destination": {"Bucket": "arn:aws:s3:::" + b},
            "DeleteMarkerReplication": {"Status": "Disabled"}}
    replication = {"Bucket": b, "ReplicationConfiguration": {"Role": f"arn:aws:iam::{os.environ['CUSTOMER']}:role/r", "Rules": [rule]}}
    refused("InvalidRequest", s3.put_bucket_replication, **replication)
    s3.put_bucket_versioning(Bucket=b, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_replication(**replication)
    assert s3.get_bucket_replication(Bucket=b)["ReplicationConfiguration"]["Rules"][0]["ID"] == "r"
    refused("MalformedXML", s3.put_bucket_accelerate_configuration, Bucket=b, AccelerateConfiguration={"Status": "On"})
    s3.put_bucket_accelerate_configuration(Bucket=b, AccelerateConfiguration={"Status": "Enabled"})
    assert s3.get_bucket_accelerate_configuration(Bucket=b)["Status"] == "Enabled"


def check_what_is_not_there(b):
    put(b)
    assert s3.get_bucket_abac(Bucket=b)["AbacStatus"]["Status"] == "Disabled"
    refused("NotImplemented", s3.put_bucket_abac, Bucket=b, AbacStatus={"Status": "Enabled"})
    refused("NotImplemented", s3.get_bucket_metadata_configuration, Bucket=b)
    refused("NotImplemented", s3.rename_object, Bucket=b, Key="k", RenameSource="other")
    assert body(b) == b"text"  # which was not put anew


def check_bucket_names(_):
    for name in ("xn--name", "sthree-name", "amzn-s3-demo-name", "name-s3alias", "name--ol-s3", "na..me", "192.0.2.1"):
        refused("InvalidBucketName", s3.create_bucket, Bucket=name)


def check_archived(b):
    put(b, StorageClass="GLACIER")
    refused("InvalidObjectState", s3.get_object, Bucket=b, Key="k")
    source = {"Bucket": b, "Key": "k"}
    upload = s3.create_multipart_upload(Bucket=b, Key="copy")["UploadId"]
    refused("InvalidObjectState", s3.copy_object, Bucket=b, Key="copy", CopySource=source)
    refused("InvalidObjectState", s3.upload_part_copy, Bucket=b, Key="copy", UploadId=upload, PartNumber=1, CopySource=source)
    s3.restore_object(Bucket=b, Key="k", RestoreRequest={"Days": 1})
    assert body(b) == b"text"
    s3.copy_object(Bucket=b, Key="copy", CopySource=source)
    assert body(b, "copy") == b"text"


def check_virtual_host(b):
    status, _, answer = fetch(f"{ENDPOINT}/k", headers={"Host": f"{b}.s3.us-east-1.amazonaws.com"})
    assert status == 403 and b"AccessDenied" in answer
    status, _, answer = fetch(f"{ENDPOINT}/k", headers={"Host": f"{b}-none.localhost"})
    assert status == 404 and f"{b}-none".encode() in answer


# The aws command.

def check_cli_cp_and_ls(b):
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "in")
        with open(path, "wb") as out:
            out.write(b"by cli")
        aws("s3", "cp", path, f"s3://{b}/dir/in")
        assert "in" in aws("s3", "ls", f"s3://{b}/dir/")
        aws("s3", "cp", f"s3://{b}/dir/in", os.path.join(folder, "out"))
        with open(os.path.join(folder, "out"), "rb") as back:
            assert back.read() == b"by cli"


def check_cli_large_file(b):
    with tempfile.NamedTemporaryFile() as file:
        data = os.urandom(9 << 20)
        file.write(data)
        file.flush()
        aws("s3", "cp", file.name, f"s3://{b}/large")
    assert body(b, "large") == data


def check_cli_sync_and_rm(b):
    with tempfile.TemporaryDirectory() as folder:
        for name in ("one", "two"):
            with open(os.path.join(folder, name), "w") as out:
                out.write(name)
        aws("s3", "sync", folder, f"s3://{b}/tree")
        assert s3.list_objects_v2(Bucket=b, Prefix="tree/")["KeyCount"] == 2
    aws("s3", "rm", "--recursive", f"s3://{b}/tree")
    assert s3.list_objects_v2(Bucket=b)["KeyCount"] == 0


def check_cli_mb_and_rb(b):
    aws("s3", "mb", f"s3://{b}-cli")
    aws("s3", "rb", f"s3://{b}-cli")


def check_cli_presign(b):
    put(b, body=b"presigned")
    url = aws("s3", "presign", f"s3://{b}/k").strip()
    assert "&Expires=" in url, f"not by Signature Version 2: {url}"
    assert fetch(url)[2] == b"presigned"


def check_cli_no_such_key(b):
    assert "NoSuchKey" in aws("s3api", "get-object", "--bucket", b, "--key", "none", os.devnull, status=255)


def check_cli_query(b):
    put(b, "one")
    assert aws("s3api", "list-objects-v2", "--bucket", b, "--query", "Contents[0].Key", "--output", "text").strip() == "one"


def main():
    checks = [(name, check) for name, check in globals().items() if name.startswith("check_")]
    failed = 0
    for number, (name, check) in enumerate(checks):
        bucket = f"checks-{number:02}"
        try:
            s3.create_bucket(Bucket=bucket)
            check(bucket)
            print("ok", name.removeprefix("check_"), flush=True)
        except Exception as error:
            failed += 1
            where = traceback.extract_tb(error.__traceback__)[1].lineno if error.__traceback__ else 0
            print("FAIL", name.removeprefix("check_") + f": line {where}: {type(error).__name__}: {error}".replace("\n", " "), flush=True)
    return 1 if failed else 0


sys.exit(main())
