#!/usr/bin/env python3
"""Holds a server's disks still while copies of them begin, and lets them go again.

It does not travel with the stack: `kora bake --quiesce` gives it to the server by Run Command. All that is in memory of files is
written (sync). File systems that the machine itself does not write to are frozen besides (fsfreeze(8)): whoever writes there
waits. The root is never frozen: whoever is to thaw it would wait too. Each is thawed by a timer of systemd, which stands before it
is frozen, if nobody has done it by then. By hand, as root:

    sudo python3 quiesce.py freeze SECONDS /proc/self/mounts
    sudo python3 quiesce.py thaw 0 /proc/self/mounts
"""

import json
import os
import subprocess
import sys

KINDS = ("btrfs", "ext2", "ext3", "ext4", "f2fs", "jfs", "nilfs2", "xfs")
OWN = ("/boot", "/etc", "/opt", "/run", "/snap", "/tmp", "/usr", "/var/lib/amazon", "/var/lib/systemd", "/var/log", "/var/snap", "/var/tmp")


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, timeout=30)


def above(mount, path):
    return (path + "/").startswith(mount.rstrip("/") + "/")


def mounts(table):
    """Where file systems are mounted that can be frozen, each once: none that the machine needs, by whichever of its mounts."""
    found, needed = {}, set()
    with open(table) as lines:
        for line in lines:
            device, mount, kind = line.split()[:3]
            mount = mount.encode().decode("unicode_escape")  # a space is \040
            if mount == "/" or any(above(mount, own) or above(own, mount) for own in OWN):
                needed.add(device)
            elif device.startswith("/dev/") and kind in KINDS:
                found.setdefault(device, mount)
    return [mount for device, mount in found.items() if device not in needed]


def unit(number):
    return "kora-thaw-%d" % number


def freeze(seconds, table):
    os.sync()
    frozen = []
    for number, mount in enumerate(mounts(table)):
        begun = run("systemd-run", "--collect", "--unit=" + unit(number), "--on-active=%ds" % seconds, "fsfreeze", "--unfreeze", mount)
        done = begun if begun.returncode else run("fsfreeze", "--freeze", mount)
        if done.returncode:
            thaw(table)
            sys.exit("%s cannot be frozen: %s" % (mount, done.stderr.strip()))
        frozen.append(mount)
    return frozen


def thaw(table):
    """Those that were frozen still."""
    still = []
    for number, mount in enumerate(mounts(table)):
        if not run("fsfreeze", "--unfreeze", mount).returncode:
            still.append(mount)
        run("systemctl", "stop", unit(number) + ".timer")
    return still


def main():
    action, seconds, table = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    print(json.dumps(freeze(seconds, table) if action == "freeze" else thaw(table)))


main()
