#!/usr/bin/env python3
# One signed call to an AWS API with the instance's own credentials: aws SERVICE ACTION [KEY=VALUE ...]; or, since it is what a
# machine has first, what the other programs travelled as: aws unpack.
# It stands in the user data of running servers, which a change restarts: let it be.
# Standard library only: a stock Ubuntu server has python3 (cloud-init needs it) and neither awscli nor cfn-signal.
# Signature Version 4: docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import base64, hashlib, hmac, json, lzma, os, re, shlex, sys, time
from email.utils import parsedate_to_datetime
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

METADATA = "http://169.254.169.254/latest/"
VERSIONS = {"cloudformation": "2010-05-15", "elasticloadbalancing": "2015-12-01"}
TARGETS = {"ssm": "AmazonSSM.", "logs": "Logs_20140328."}

def send(url, body=None, headers={}, method=None):
    return urlopen(Request(url, body, headers, method=method), timeout=20).read().decode()

# The metadata service wants a token (IMDSv2), and has the role's credentials only after a while.
def metadata(path):
    for left in range(30, -1, -1):
        try:
            token = send(METADATA + "api/token", None, {"X-aws-ec2-metadata-token-ttl-seconds": "60"}, "PUT")
            return send(METADATA + "meta-data/" + path, None, {"X-aws-ec2-metadata-token": token})
        except OSError:
            if not left:
                raise
        time.sleep(4)

def call(service, action, fields, clock):
    keys = json.loads(metadata("iam/security-credentials/" + metadata("iam/security-credentials/")))
    region, now = os.environ["REGION"], time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(clock))
    host = f"{service}.{region}.amazonaws.com"
    headers = {"host": host, "x-amz-date": now, "x-amz-security-token": keys["Token"]}
    if service in TARGETS:
        headers |= {"content-type": "application/x-amz-json-1.1", "x-amz-target": TARGETS[service] + action}
        body = json.dumps({k: True if v == "true" else [{"timestamp": int(clock * 1000), "message": v}] if k == "logEvents" else v for k, v in fields.items()}).encode()
    else:
        headers["content-type"] = "application/x-www-form-urlencoded"
        body = urlencode({"Action": action, "Version": VERSIONS[service], **fields}).encode()
    names = ";".join(sorted(headers))
    request = "\n".join(["POST", "/", "", *[f"{k}:{headers[k]}" for k in sorted(headers)], "", names, hashlib.sha256(body).hexdigest()])
    scope = f"{now[:8]}/{region}/{service}/aws4_request"
    key = ("AWS4" + keys["SecretAccessKey"]).encode()
    for part in [*scope.split("/"), "\n".join(["AWS4-HMAC-SHA256", now, scope, hashlib.sha256(request.encode()).hexdigest()])]:
        key = hmac.new(key, part.encode(), "sha256").digest()
    headers["authorization"] = f"AWS4-HMAC-SHA256 Credential={keys['AccessKeyId']}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    return send(f"https://{host}/", body, headers)

# Tries again when AWS or the network fails, and by AWS's own clock when ours is wrong.
def insist(service, action, fields):
    clock = time.time
    for wait in (1, 3, 9, 0):
        try:
            return call(service, action, fields, clock())
        except HTTPError as error:
            text = error.read().decode()
            skew = parsedate_to_datetime(error.headers["Date"]).timestamp() - time.time() if error.headers["Date"] else 0
            if abs(skew) > 240 and clock is time.time:
                clock = lambda: time.time() + skew
            elif error.code < 500 and "Throttl" not in text or not wait:
                raise SystemExit(f"{error.code} {text[:300]}")
        except OSError:
            if not wait:
                raise
        time.sleep(wait)

# What a caller in a shell wants of an answer: one parameter's value, or the parameters below a path as assignments.
def run(service, action, fields):
    if service == "metadata":
        return metadata(action)
    answer = insist(service, action, fields)
    if action == "GetParameter":
        return json.loads(answer)["Parameter"]["Value"]
    if action != "GetParametersByPath":
        return answer
    page, lines = json.loads(answer), ""
    for p in page["Parameters"]:
        name = p["Name"].rsplit("/", 1)[1]
        if not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise SystemExit(p["Name"] + " is no name of a variable")
        lines += name + "=" + shlex.quote(p["Value"]) + "\n"
    return lines + (run(service, action, fields | {"NextToken": page["NextToken"]}) if page.get("NextToken") else "")

# LZMA in base 85, whose braces AWS would read as something else.
if sys.argv[1] == "unpack":
    packed = "".join(sys.stdin.read().split()).translate({46: "{", 47: "}"})
    sys.exit(sys.stdout.write(lzma.decompress(base64.b85decode(packed)).decode()) == 0)

try:
    print(run(sys.argv[1], sys.argv[2], dict(a.split("=", 1) for a in sys.argv[3:])))
except (OSError, SystemExit) as error:
    sys.exit(f"{' '.join(sys.argv[1:4])}: {error}")
