"""A stack of the emulator in this process, driven through CloudFormation's own requests."""

import asyncio
import json
import logging
import re
import threading
import time
import unittest
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

from extension import checkpoint, clock, control, faults, operations, private, signals
from ministack import app
from ministack.core import responses
from ministack.services import cloudformation

REGION = "ap-south-1"
TIMEOUT_SECONDS = 20

_loop = asyncio.new_event_loop()


def start() -> None:
    """Install the extension once, and serve it on a loop of its own."""
    if not _loop.is_running():
        private.check()
        logging.disable(logging.INFO)
        operations.install()
        control.install()
        threading.Thread(target=_loop.run_forever, daemon=True).start()


class EmulatorTest(unittest.TestCase):
    """Each test begins with an empty account."""

    @classmethod
    def setUpClass(cls) -> None:
        start()

    def setUp(self) -> None:
        responses.set_request_region(REGION)
        app._reset_all_state()

    def pass_time(self, thread: threading.Thread, seconds: float) -> None:
        """Skip so much time, again and again until the thread ends: what it waits for may begin a moment later."""
        while thread.is_alive():
            clock.skip(seconds)
            thread.join(0.01)

    def stack(self, resources: dict[str, Any], name: str = "Kora") -> "Stack":
        """A stack with these resources, created."""
        stack = Stack(name)
        stack.create(resources)
        return stack


class Stack:
    """One stack, by name."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.seen = 0

    def start(self, resources: dict[str, Any], **more: Any) -> None:
        """Begin to create it."""
        self.request(
            "CreateStack", TemplateBody=json.dumps({"Resources": resources}), **more
        )

    def create(self, resources: dict[str, Any], **more: Any) -> str:
        """Create it and wait; its last status."""
        self.start(resources, **more)
        return self.wait()

    def update(self, resources: dict[str, Any], **more: Any) -> str:
        """Update it and wait; its last status."""
        self.seen = len(self.all_events())
        self.request(
            "UpdateStack", TemplateBody=json.dumps({"Resources": resources}), **more
        )
        return self.wait()

    def delete(self) -> str:
        """Delete it and wait; its last status."""
        self.seen = len(self.all_events())
        self.request("DeleteStack")
        return self.wait()

    def request(self, action: str, **params: Any) -> ElementTree.Element:
        """One request of the API; an answer that is an error is raised as its message."""
        form = urlencode({"Action": action, "StackName": self.name, **params})
        future = asyncio.run_coroutine_threadsafe(self._handle(form.encode()), _loop)
        status, _, body = future.result(TIMEOUT_SECONDS)
        root = ElementTree.fromstring(re.sub(rb' xmlns="[^"]*"', b"", body))
        if status != 200:
            raise RequestError(
                root.findtext(".//Code") or "", root.findtext(".//Message") or ""
            )
        return root

    @staticmethod
    async def _handle(body: bytes) -> tuple:
        responses.set_request_region(REGION)
        return await cloudformation.handle_request(
            "POST", "/", {"content-type": "application/x-www-form-urlencoded"}, body, {}
        )

    def wait(self) -> str:
        """Wait until no operation is in progress; the status then."""
        until = time.monotonic() + TIMEOUT_SECONDS
        while (status := self.status()).endswith("IN_PROGRESS"):
            if time.monotonic() > until:
                raise TimeoutError(f"{self.name} is still {status}")
            time.sleep(0.001)
        return status

    def status(self) -> str:
        return str(cloudformation._stacks[self.name]["StackStatus"])

    def reason(self) -> str:
        return str(cloudformation._stacks[self.name]["StackStatusReason"])

    def physical(self, logical_id: str) -> str:
        """The physical id of a resource of the stack."""
        return str(
            cloudformation._stacks[self.name]["_resources"][logical_id][
                "PhysicalResourceId"
            ]
        )

    def all_events(self) -> list[dict[str, Any]]:
        stack = cloudformation._stacks.get(self.name)
        return (
            list(cloudformation._stack_events.get(stack["StackId"], []))
            if stack
            else []
        )

    def events(self) -> list[str]:
        """What the last operation did, as "Server UPDATE_COMPLETE", in order."""
        return [
            f"{one['LogicalResourceId']} {one['ResourceStatus']}"
            for one in self.all_events()[self.seen :]
        ]

    def reasons(self) -> list[str]:
        """The reasons that the last operation's events give."""
        return [
            one["ResourceStatusReason"]
            for one in self.all_events()[self.seen :]
            if one["ResourceStatusReason"]
        ]


def ask(service: Any, action: str, **params: Any) -> Any:
    """One request of a service of the query protocol; the result as dicts and lists of strings."""
    form = urlencode({"Action": action, **dict(_flat(params))}).encode()
    future = asyncio.run_coroutine_threadsafe(_handled(service, form), _loop)
    status, _, body = future.result(TIMEOUT_SECONDS)
    root = ElementTree.fromstring(re.sub(rb' xmlns="[^"]*"', b"", body))
    if status != 200:
        raise RequestError(
            root.findtext(".//Code") or "", root.findtext(".//Message") or ""
        )
    result = root.find(f"{action}Result")
    return _parsed(result) if result is not None else {}


async def _handled(service: Any, form: bytes) -> tuple:
    responses.set_request_region(REGION)
    return await service.handle_request(
        "POST", "/", {"content-type": "application/x-www-form-urlencoded"}, form, {}
    )


def _flat(value: Any, at: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{at}.{key}" if at else key)
    elif isinstance(value, list):
        for number, inner in enumerate(value, 1):
            yield from _flat(inner, f"{at}.member.{number}")
    else:
        yield at, str(value).lower() if isinstance(value, bool) else str(value)


def _parsed(node: ElementTree.Element) -> Any:
    if len(node) and all(child.tag == "member" for child in node):
        return [_parsed(child) for child in node]
    return (
        {child.tag: _parsed(child) for child in node} if len(node) else node.text or ""
    )


class RequestError(Exception):
    """The code and message that a request was refused with."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code


__all__ = [
    "EmulatorTest",
    "RequestError",
    "Stack",
    "ask",
    "checkpoint",
    "clock",
    "faults",
    "signals",
]
