#!/usr/bin/env python3
"""Prints what a synthesis costs, as ratios: python3 test/bench.py [RUNS]

Each command runs as a whole process, in turn with all others, so that a machine whose speed drifts drifts for all of them.
A ratio is the median of the ratios of one turn. No time decides anything: the limits beside the ratios are what to reach.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time

root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
runs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
quiet = {
    "CDK_VALIDATION": "false",
    "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION": "20",
}


def main(scratch):
    empty, app = os.path.join(scratch, "empty"), os.path.join(root, "build", "app")
    subprocess.run(
        ["go", "build", "-o", empty, "./test/testdata/empty"], cwd=root, check=True
    )
    subprocess.run(["sh", "bin/build.sh"], cwd=root, check=True)
    out = os.path.join(scratch, "out")
    # The kernel wants its environment from the start here; the app settles that by itself.
    commands = {
        "empty app": ([empty], {**quiet, "CDK_OUTDIR": out}),
        "single": ([app, "-to", out, "single"], {}),
        "vertical": ([app, "-to", out, "vertical"], {}),
        "horizontal": ([app, "-to", out, "horizontal"], {}),
        "three stages": ([app, "-to", out], {}),
        "refused context": ([app], {"CDK_CONTEXT_JSON": '{"stage": "x"}'}),
    }
    seconds = {name: [] for name in commands}
    for turn in range(runs + 1):
        for name, (command, environment) in commands.items():
            begin = time.perf_counter()
            subprocess.run(
                command,
                cwd=root,
                env={**os.environ, **environment},
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            if turn > 0:  # the first turn warms
                seconds[name].append(time.perf_counter() - begin)

    def ratio(a, b):
        return statistics.median(x / y for x, y in zip(seconds[a], seconds[b]))

    print(f"{'':16}  median s   (of {runs} turns)")
    for name, times in seconds.items():
        print(f"{name:16}  {statistics.median(times):8.3f}")
    print(f"\n{'':32}  ratio   to reach")
    for a, b, limit in (
        ("single", "empty app", 1.6),
        ("vertical", "empty app", 1.6),
        ("horizontal", "empty app", 1.8),
        ("three stages", "horizontal", 1.3),
    ):
        print(f"{a + ' / ' + b:32}  {ratio(a, b):5.2f}   {limit}")
    print(
        f"{'refused context, seconds':32}  {statistics.median(seconds['refused context']):5.2f}   0.1"
    )


with tempfile.TemporaryDirectory() as scratch:
    main(scratch)
