"""Runs a command at a terminal of its own, and types an answer where it asks: terminal.py ANSWER COMMAND [ARGUMENT ...].

Without an answer the terminal is closed there, as a window is.
"""

import os
import pty
import sys

answer, command = sys.argv[1].encode().decode("unicode_escape").encode(), sys.argv[2:]
child, terminal = pty.fork()
if child == 0:
    os.execvp(command[0], command)
said, asked = b"", False
while True:
    try:
        more = os.read(terminal, 4096)
    except OSError:  # how Linux says that nobody is there any more
        break
    if not more:
        break
    said += more
    if b"(y/n)" in said and not asked:
        asked = True
        if not answer:
            os.close(terminal)
            break
        os.write(terminal, answer)
sys.stdout.buffer.write(said)
sys.stdout.flush()
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
