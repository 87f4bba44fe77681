"""The emulator's own API below /_kora/: what a test, or `kora local`, may set. JSON in, JSON out."""

import asyncio
import json
from collections.abc import Callable
from typing import Any

from ministack import app

from . import associations, catalogue, checkpoint, clock, commands, faults, halts, machines, models, signals
from .contracts import denied
from .services import dns, lifecycle

Response = tuple[int, dict[str, str], bytes]
PREFIX = "/_kora/"

ROUTES: dict[tuple[str, str], Callable[[dict], Any]] = {
    ("POST", "faults"): lambda body: faults.add(faults.Fault(**body)),
    ("GET", "faults"): lambda body: faults.pending(),
    ("DELETE", "faults"): lambda body: faults.reset(),
    ("GET", "machines"): lambda body: machines.awaited(),
    ("POST", "machines"): lambda body: machines.behave(machines.Behaviour(**body)),
    ("GET", "boots"): lambda body: machines.boots(),
    ("POST", "associations"): lambda body: associations.behave(associations.Behaviour(**body)),
    ("POST", "commands"): lambda body: commands.answer(commands.Answer(**body)),
    ("POST", "denied"): lambda body: denied.choose(**body),
    ("POST", "halts"): lambda body: halts.choose(**body),
    ("POST", "halts/next"): lambda body: halts.after(int(body["after"])),
    ("POST", "models"): lambda body: models.choose(**body),
    ("POST", "certificates"): lambda body: dns.issue(body["domain"]),
    ("POST", "snapshots"): lambda body: lifecycle.run(),
    ("POST", "clock"): lambda body: clock.skip(float(body["advanceSeconds"])),
    ("POST", "checkpoint"): lambda body: {"id": checkpoint.save()},
    ("POST", "restore"): lambda body: checkpoint.restore(body["id"]),
}


def install() -> None:
    """Answer /_kora/ before ministack looks for a service, and forget with it what a reset forgets."""
    shortcuts, reset = app._handle_post_body_shortcuts, app._reset_all_state

    async def answer_or_pass(
        method: str, path: str, headers: dict, body: bytes, query: dict, request_id: str
    ) -> Response | None:
        if path.startswith(PREFIX):
            if path == f"{PREFIX}halts/next":  # which waits, while all other requests are answered
                return await asyncio.to_thread(_answer, method, "halts/next", body)
            return _answer(method, path.removeprefix(PREFIX), body)
        return await shortcuts(method, path, headers, body, query, request_id)

    def reset_all() -> None:
        reset()
        for module in (
            associations,
            catalogue,
            checkpoint,
            clock,
            commands,
            denied,
            faults,
            halts,
            machines,
            models,
            signals,
        ):
            module.reset()

    app._handle_post_body_shortcuts = answer_or_pass
    app._reset_all_state = reset_all


def _answer(method: str, name: str, body: bytes) -> Response:
    route = ROUTES.get((method, name))
    if route is None:
        return _json(404, {"error": f"no such call: {method} {PREFIX}{name}"})
    try:
        said = route(json.loads(body or b"{}"))
        return _json(200, {} if said is None else said)
    except (ValueError, TypeError, KeyError) as problem:
        return _json(400, {"error": str(problem)})


def _json(status: int, value: Any) -> Response:
    return status, {"Content-Type": "application/json"}, json.dumps(value).encode()
