#!/bin/bash
# A server's user data: the same bytes in every stage and for ever, since a change of them restarts the machine and does
# not run again. The machine is told its name and region, and fetches what to run: the parameters /$NAME/aws and /$NAME/boot.
export NAME=@name@ REGION=@region@ KIND=server
mkdir -p "/opt/$NAME" "/var/log/$NAME"
cat >"/opt/$NAME/fetch" <<'PYTHON'
import datetime, hashlib, hmac, json, os
from urllib.request import Request, urlopen

def ask(url, data=None, headers={}, method=None):
    return urlopen(Request(url, data, headers, method=method), timeout=20).read().decode()

sha = lambda data: hashlib.sha256(data).hexdigest()
name, region = os.environ["NAME"], os.environ["REGION"]
# The metadata service wants a token (IMDSv2).
meta = "http://169.254.169.254/latest/"
token = {"X-aws-ec2-metadata-token": ask(meta + "api/token", None, {"X-aws-ec2-metadata-token-ttl-seconds": "60"}, "PUT")}
role = meta + "meta-data/iam/security-credentials/"
keys = json.loads(ask(role + ask(role, None, token), None, token))
# Signature Version 4 of one call, SSM GetParameters.
now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
host = f"ssm.{region}.amazonaws.com" + (".cn" if region.startswith("cn-") else "")
body = json.dumps({"Names": [f"/{name}/aws", f"/{name}/boot"]}).encode()
headers = {"content-type": "application/x-amz-json-1.1", "host": host, "x-amz-date": now,
  "x-amz-security-token": keys["Token"], "x-amz-target": "AmazonSSM.GetParameters"}
request = "\n".join(["POST", "/", "", *[f"{k}:{v}" for k, v in headers.items()], "", ";".join(headers), sha(body)])
scope = f"{now[:8]}/{region}/ssm/aws4_request"
key = ("AWS4" + keys["SecretAccessKey"]).encode()
for part in scope.split("/") + ["\n".join(["AWS4-HMAC-SHA256", now, scope, sha(request.encode())])]:
    key = hmac.new(key, part.encode(), "sha256").digest()
headers["authorization"] = (f"AWS4-HMAC-SHA256 Credential={keys['AccessKeyId']}/{scope}, "
  f"SignedHeaders={';'.join(headers)}, Signature={key.hex()}")
for p in json.loads(ask(f"https://{host}/", body, headers))["Parameters"]:
    open("/opt" + p["Name"], "w").write(p["Value"])
PYTHON
# The instance's role may take a while to arrive.
for _ in $(seq 30); do
  python3 "/opt/$NAME/fetch" && break
  sleep 5
done
# shellcheck source=/dev/null  # boot.sh, which is checked itself
. "/opt/$NAME/boot"
