#!/usr/bin/env python3
# One signed call to an AWS API with the instance's own credentials: aws SERVICE ACTION [KEY=VALUE ...].
# Standard library only: a stock Ubuntu server has python3 (cloud-init needs it) and neither awscli nor cfn-signal.
# Signature Version 4: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import datetime, hashlib, hmac, json, os, shlex, sys
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

METADATA = os.environ.get("METADATA_ENDPOINT", "http://169.254.169.254") + "/latest/"
VERSIONS = {"cloudformation": "2010-05-15", "elasticloadbalancing": "2015-12-01"}

def get(path, method="GET", **headers):
    request = Request(METADATA + path, method=method, headers={"X-aws-ec2-metadata-" + k.replace("_", "-"): v for k, v in headers.items()})
    return urlopen(request, timeout=5).read().decode()

def call(service, action, fields):
    token = get("api/token", "PUT", token_ttl_seconds="300")
    if action == "instance-id":
        return get("meta-data/instance-id", token=token)
    role = get("meta-data/iam/security-credentials/", token=token)
    keys = json.loads(get("meta-data/iam/security-credentials/" + role, token=token))
    region, now = os.environ["REGION"], datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    host = f"{service}.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")
    headers = {"host": host, "x-amz-date": now, "x-amz-security-token": keys["Token"]}
    if service == "ssm":
        headers |= {"content-type": "application/x-amz-json-1.1", "x-amz-target": "AmazonSSM." + action}
        body = json.dumps({k: v == "true" if v in ("true", "false") else v for k, v in fields.items()})
    else:
        headers["content-type"] = "application/x-www-form-urlencoded"
        body = urlencode({"Action": action, "Version": VERSIONS[service], **fields})
    body = body.encode()
    names = ";".join(sorted(headers))
    lines = "".join(f"{k}:{headers[k]}\n" for k in sorted(headers))
    canonical = "\n".join(["POST", "/", "", lines, names, hashlib.sha256(body).hexdigest()])
    scope = f"{now[:8]}/{region}/{service}/aws4_request"
    text = "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = ("AWS4" + keys["SecretAccessKey"]).encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={keys['AccessKeyId']}/{scope}, SignedHeaders={names}, Signature={signature}"
    endpoint = os.environ.get("AWS_ENDPOINT_URL", "https://" + host)
    return urlopen(Request(endpoint + "/", body, headers), timeout=20).read().decode()

# What a caller in a shell wants of an answer: one parameter's value, or the parameters below a path as assignments.
def run(service, action, fields):
    answer = call(service, action, fields)
    if action == "GetParameter":
        return json.loads(answer)["Parameter"]["Value"]
    if action != "GetParametersByPath":
        return answer
    page = json.loads(answer)
    lines = "".join(p["Name"].rsplit("/", 1)[1] + "=" + shlex.quote(p["Value"]) + "\n" for p in page["Parameters"])
    return lines + (run(service, action, fields | {"NextToken": page["NextToken"]}) if page.get("NextToken") else "")

try:
    print(run(sys.argv[1], sys.argv[2], dict(a.split("=", 1) for a in sys.argv[3:])))
except HTTPError as error:
    sys.exit(f"{sys.argv[1]} {sys.argv[2]}: {error.code} {error.read().decode()[:300]}")
except OSError as error:
    sys.exit(f"{sys.argv[1]} {sys.argv[2]}: {error}")
