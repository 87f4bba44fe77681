#!/usr/bin/env python3
"""Asks the app of this machine for its health until it answers 200 or time is up, and says what it saw, as JSON.

It does not travel with the stack: `kora bake --try` gives it, by Run Command, to a copy that watch.py runs on. By hand, as root:

    sudo python3 trial.py PORT PATH USER SECONDS
"""

import http.client
import ipaddress
import json
import pwd
import sys
import time
import urllib.error
import urllib.request

WATCHED = "/run/kora-trial"


class Stay(urllib.request.HTTPRedirectHandler):
    """A balancer follows no redirect."""

    def redirect_request(self, *_):
        return None


def answer(port, path):
    """The status of the app's answer, 0 for none."""
    try:
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), Stay)
        return opener.open("http://127.0.0.1:%d%s" % (port, path), timeout=5).status
    except urllib.error.HTTPError as refused:
        return refused.code
    except (OSError, http.client.HTTPException):  # something else than HTTP too
        return 0


def listening(port):
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(table) as lines:
                for line in list(lines)[1:]:
                    cells = line.split()
                    if cells[3] == "0A" and int(cells[1].split(":")[1], 16) == port:
                        return True
        except OSError:
            pass
    return False


def inside(peer):
    """Whether that is in the network: the database of a pooler that the app asks. AWS's agents ask theirs by HTTPS."""
    host, port = peer.rsplit(":", 1)
    return port != "443" and ipaddress.ip_address(host.strip("[]")).is_private


def waits(user):
    """For whom that user's programs waited in vain, and others' inside the network; None where nothing watched, or nobody has that
    name."""
    try:
        uid = pwd.getpwnam(user).pw_uid
        with open(WATCHED) as file:
            seen = [one for one in json.load(file) if one["user"] == uid or inside(one["peer"])]
        return [{"peer": one["peer"], "times": one["times"]} for one in seen]
    except (OSError, KeyError, ValueError):
        return None


def main():
    port, path, user, seconds = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
    until = time.monotonic() + seconds
    while True:
        status = answer(port, path)
        if status == 200 or time.monotonic() >= until:
            break
        time.sleep(1)
    print(json.dumps({"answer": status, "listening": listening(port), "waits": waits(user)}))


main()
