#!/usr/bin/env python3
"""A look at a server that somebody made by hand, as JSON: what stands against a first revision there. It changes nothing.

It does not travel with the stack: `kora adopt look` gives it to the server by Run Command, whose answer holds 24,000 characters.
By hand, as root, in a Session Manager session:

    sudo python3 look.py PORT PATH DIRECTORY

pm2 is asked only where its daemon runs, since asking starts one elsewhere; git writes no index. No value of an environment is
read, nor of .env: only names.
"""

import glob
import json
import os
import pwd
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

MOST = 20  # of each list


def run(*command, user=""):
    """What a program prints, "" where it fails or is not there; as that user, with the user's Node."""
    if user:
        home = pwd.getpwnam(user).pw_dir
        words = ["bash", "-c", '. ~/.nvm/nvm.sh 2>/dev/null; exec "$@"', "bash", *command]
        command = ["runuser", "-u", user, "--", "env", "HOME=" + home, *words]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=20)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def read(path):
    try:
        with open(path, errors="replace") as file:
            return file.read()
    except OSError:
        return ""


def listening():
    """TCP ports that are listened on, and whether from outside."""
    found = {}
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in read(table).splitlines()[1:]:
            local, state = line.split()[1], line.split()[3]
            if state == "0A":
                address, port = local.split(":")
                inside = address in ("0100007F", "00000000000000000000000001000000") or address.endswith("7F")
                found[int(port, 16)] = found.get(int(port, 16), False) or not inside
    return [{"port": port, "outside": outside} for port, outside in sorted(found.items())]


def owners():
    """Who has a process, by name."""
    found = {}
    for path in glob.glob("/proc/[0-9]*/cmdline"):
        try:
            name, owner = read(path).replace("\0", " ").strip(), pwd.getpwuid(os.stat(path).st_uid).pw_name
        except (OSError, KeyError):
            continue
        if name:
            found.setdefault(name, owner)
    return found


def daemons():
    """The users whose pm2 runs, and where each keeps its things."""
    found = {}
    for name, owner in owners().items():
        daemon = re.match(r"PM2 v\S+: God Daemon \((.+)\)", name)
        if daemon:
            found[owner] = daemon[1]
    return found


def apps():
    """What each pm2 runs."""
    found = []
    for user, home in daemons().items():
        said = [line for line in run("env", "PM2_HOME=" + home, "pm2", "jlist", user=user).splitlines() if line.startswith("[")]
        for app in json.loads(said[-1] if said else "[]"):
            env = app["pm2_env"]
            found.append({"user": user, "name": app["name"], "status": env.get("status", ""), "mode": env.get("exec_mode", ""),
                          "directory": env.get("pm_cwd", "")})
    return found[:MOST]


def checkout(directory):
    """What git says of a folder, as its owner, and what is in it."""
    if not os.path.isdir(directory):
        return {"there": False}
    try:
        owner = pwd.getpwuid(os.stat(directory).st_uid).pw_name
    except KeyError:
        owner = ""
    git = lambda *words: run("git", "--no-optional-locks", "-C", directory, *words, user=owner).strip()
    changed = [line[3:] for line in run("git", "--no-optional-locks", "-C", directory, "status", "--porcelain", "--untracked-files=no",
                                        user=owner).splitlines()]
    ecosystem = read(os.path.join(directory, "ecosystem.config.js"))
    names = re.findall(r"^\s*([A-Za-z_][A-Za-z0-9_]*)\s*=", read(os.path.join(directory, ".env")).replace("export ", ""), re.M)
    return {
        "there": True, "owner": owner, "commit": git("rev-parse", "HEAD"),
        "origin": re.sub(r"//[^/@]*@", "//", git("remote", "get-url", "origin")),
        "changed": changed[:MOST], "changes": len(changed), "ecosystem": bool(ecosystem),
        "ecosystemNames": re.findall(r"""\bname['"]?\s*:\s*['"]([^'"]+)""", ecosystem)[:MOST], "env": sorted(set(names))[:MOST],
    }


def answer(port, path):
    """The status that the app answers its health check with, 0 for none."""
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as said:
            return said.status
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0


def proxies():
    """Who serves at 80 and 443, and the folders that nginx serves files of."""
    running = owners()
    names = [name for name in ("nginx", "caddy", "apache2", "haproxy") if any(re.search(rf"\b{name}\b", one) for one in running)]
    roots = set()
    for path in glob.glob("/etc/nginx/**/*", recursive=True):
        if os.path.isfile(path):
            roots.update(re.findall(r"^\s*(?:root|alias)\s+([^;]+);", read(path), re.M))
    return names, sorted(roots)[:MOST]


def memory():
    """MiB of memory and swap, in all and free."""
    values = dict(line.split(":") for line in read("/proc/meminfo").splitlines())
    mib = {name: int(values[name].split()[0]) // 1024 for name in ("MemTotal", "MemAvailable", "SwapTotal", "SwapFree")}
    return {"total": mib["MemTotal"], "free": mib["MemAvailable"], "swap": mib["SwapTotal"], "swapFree": mib["SwapFree"]}


def main(port, path, directory):
    names, roots = proxies()
    agent = "/opt/aws/amazon-cloudwatch-agent/etc"
    print(json.dumps({
        "listening": listening()[:2 * MOST], "answer": answer(port, path), "apps": apps(), "pm2Users": sorted(daemons()),
        "checkout": checkout(directory), "proxies": names, "roots": roots, "memory": memory(),
        "diskFreeMib": shutil.disk_usage("/").free // 2**20,
        "agentFiles": sorted(glob.glob(agent + "/*.json") + glob.glob(agent + "/*.d/*"))[:MOST],
        "system": (re.findall(r'^PRETTY_NAME="?([^"\n]*)', read("/etc/os-release"), re.M) or [""])[0],
    }))


main(int(sys.argv[1]), sys.argv[2], sys.argv[3])
