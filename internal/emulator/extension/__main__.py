"""Serves the emulator: BIND_HOST, GATEWAY_PORT and MINISTACK_REGION say where and for which region."""

import os
import sys
import threading

from . import private


def main() -> None:
    private.check()
    from ministack import app

    from . import commands, control, operations
    from .contracts import wire

    operations.install()
    operations.answer_late()
    control.install()
    commands.install()
    wire.install()
    if os.environ.get("KORA_EMULATOR_STDIN") == "1":
        threading.Thread(target=_end_with_parent, daemon=True).start()
    app.main()


def _end_with_parent() -> None:
    """Whoever started us holds the other end of standard input; when it closes, they are gone."""
    while os.read(sys.stdin.fileno(), 4096):  # unbuffered: a buffer's lock would be in the way of an ordinary end
        pass
    os._exit(0)


main()
