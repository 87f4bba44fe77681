"""Holds the signatures of the machines' program for calls to AWS against those of botocore's signer.

The program's text and a list of calls are JSON on standard input: its arguments, the region, the credentials and the time. Each
call is made with the network played by this; out comes, as JSON, what the program sent and the two signatures of it.
"""

import contextlib
import datetime
import io
import json
import os
import sys
import urllib.request
from typing import Any
from unittest import mock

from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

Call = dict[str, Any]


def sent(program: Any, call: Call) -> urllib.request.Request:
    """The one request for AWS that the program makes."""
    requests: list[urllib.request.Request] = []

    def answer(request: urllib.request.Request, timeout: float) -> io.BytesIO:
        if "169.254.169.254" not in request.full_url:
            requests.append(request)
            return io.BytesIO(b'{"Parameter": {"Value": ""}, "Parameters": []}')
        keys = {
            "AccessKeyId": call["id"],
            "SecretAccessKey": call["secret"],
            "Token": call["token"],
        }
        return io.BytesIO(
            (
                json.dumps(keys) if request.full_url.endswith("/role") else "role"
            ).encode()
        )

    with (
        mock.patch("urllib.request.urlopen", answer),
        mock.patch.object(sys, "argv", ["aws", *call["arguments"]]),
        mock.patch.dict(os.environ, REGION=call["region"]),
        mock.patch("time.time", lambda: call["time"]),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        exec(program, {"__name__": "aws"})
    (request,) = requests
    return request


def signed(request: urllib.request.Request, call: Call) -> str:
    """The signature that botocore makes of what was sent."""
    headers = {
        name: value
        for name, value in request.header_items()
        if name.lower() not in ("authorization", "x-amz-date")
    }
    copy = AWSRequest(request.get_method(), request.full_url, headers, request.data)
    at = datetime.datetime.fromtimestamp(call["time"], datetime.timezone.utc)
    with mock.patch.object(auth, "get_current_datetime", lambda *_: at):
        auth.SigV4Auth(
            Credentials(call["id"], call["secret"], call["token"]),
            call["arguments"][0],
            call["region"],
        ).add_auth(copy)
    if copy.headers["X-Amz-Date"] != request.get_header("X-amz-date"):
        return f"another time: {copy.headers['X-Amz-Date']}"
    return str(copy.headers["Authorization"])


def main() -> None:
    given = json.load(sys.stdin)
    program = compile(given["program"], "aws.py", "exec")
    said = []
    for call in given["calls"]:
        request = sent(program, call)
        said.append(
            {
                "body": str(request.data),
                "ours": request.get_header("Authorization"),
                "theirs": signed(request, call),
            }
        )
    json.dump(said, sys.stdout)


main()
