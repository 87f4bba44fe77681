#!/usr/bin/env python3
"""The weekly look at a machine, as JSON: what pm2 runs, memory, disk, restarts, errors. It changes nothing.

It does not travel with the stack: `kora advise --weekly` gives it to server and nodes by Run Command, whose answer holds 24,000
characters. By hand, as root, in a Session Manager session:

    sudo python3 weekly.py [USER]
"""

import glob
import json
import os
import pwd
import shutil
import subprocess
import sys
import time

DAYS = 7
LINES, WIDTH = 20, 300  # of errors that are shown, and the characters of each


def apps(user):
    """What pm2 runs for a user; nothing when there is no pm2."""
    find = '. ~/.nvm/nvm.sh 2>/dev/null; exec pm2 jlist'
    asked = subprocess.run(["runuser", "-u", user, "--", "env", "HOME=" + pwd.getpwnam(user).pw_dir, "bash", "-c", find], capture_output=True, text=True)
    listed = [line for line in asked.stdout.splitlines() if line.startswith("[")]
    return [
        {
            "name": app["name"],
            "status": app["pm2_env"]["status"],
            "restarts": app["pm2_env"]["restart_time"],
            "unstableRestarts": app["pm2_env"].get("unstable_restarts", 0),
            "memoryMib": round(app["monit"]["memory"] / 2**20),
            "cpuPercent": app["monit"]["cpu"],
            "uptimeSeconds": max(0, round(time.time() - app["pm2_env"]["pm_uptime"] / 1000)),
            "revision": app["pm2_env"].get("REVISION", ""),
        }
        for app in json.loads(listed[-1] if listed else "[]")
    ]


def memory():
    """Memory and swap in MiB, from /proc/meminfo."""
    with open("/proc/meminfo") as file:
        kib = {name: int(value.split()[0]) for name, value in (line.split(":") for line in file)}
    return {
        "totalMib": kib["MemTotal"] // 1024,
        "usedPercent": round(100 - 100 * kib["MemAvailable"] / kib["MemTotal"], 1),
        "swapUsedMib": (kib["SwapTotal"] - kib["SwapFree"]) // 1024,
    }


def disk():
    """How full the root volume is."""
    usage = shutil.disk_usage("/")
    return {"totalGib": round(usage.total / 2**30, 1), "usedPercent": round(100 * usage.used / usage.total, 1)}


def errors(home):
    """The error logs of pm2 that were written in the last days: how many lines they hold, and the last of them."""
    recent = [path for path in glob.glob(home + "/.pm2/logs/*error*.log") if time.time() - os.path.getmtime(path) < DAYS * 86400]
    lines = []
    for path in sorted(recent, key=os.path.getmtime):
        with open(path, errors="replace") as file:
            lines += file.read().splitlines()
    return {"files": sorted(recent), "lines": len(lines), "last": [line[:WIDTH] for line in lines[-LINES:]]}


def main(user):
    found = apps(user)
    report = {
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "uptimeSeconds": round(float(open("/proc/uptime").read().split()[0])),
        "load": os.getloadavg()[0],
        "apps": found,
        "restarts": sum(app["restarts"] for app in found),
        "memory": memory(),
        "disk": disk(),
        "errors": errors(pwd.getpwnam(user).pw_dir),
    }
    print(json.dumps(report, indent=2))


main(sys.argv[1] if len(sys.argv) > 1 else "ubuntu")
