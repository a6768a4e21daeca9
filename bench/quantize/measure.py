"""Runs a command and prints, as one line of JSON, its wall time, CPU time and peak memory, all of its processes included.

Usage: python measure.py LOG_FILE COMMAND ARG..
Memory, sampled every 15 ms: what is private to each process, summed, plus the largest mapping of files (program and libraries), which the processes share.
For one process this is its RSS. The kernel's own figure for the largest process comes beside it.
"""
import json
import os
import resource
import subprocess
import sys
import threading
import time


def tree(root):
    """The process and all below it."""
    found, queue = [], [root]
    while queue:
        pid = queue.pop()
        found.append(pid)
        try:
            for task in os.listdir(f'/proc/{pid}/task'):
                with open(f'/proc/{pid}/task/{task}/children') as f:
                    queue.extend(int(p) for p in f.read().split())
        except OSError:
            continue
    return found


def resident(pid):
    """Private and file-backed resident bytes."""
    private = files = 0
    try:
        with open(f'/proc/{pid}/status') as f:
            for line in f:
                if line.startswith(('RssAnon:', 'RssShmem:')):
                    private += int(line.split()[1]) * 1024
                elif line.startswith('RssFile:'):
                    files = int(line.split()[1]) * 1024
    except OSError:
        pass
    return private, files


def footprint(root):
    each = [resident(pid) for pid in tree(root)]
    return sum(private for private, _ in each) + max(files for _, files in each)


log_path, command = sys.argv[1], sys.argv[2:]
peak = 0
ended = threading.Event()
with open(log_path, 'wb') as log:
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)

    def sample():
        global peak
        while not ended.wait(0.015):
            peak = max(peak, footprint(child.pid))

    sampler = threading.Thread(target=sample)
    sampler.start()
    code = child.wait()
    wall = time.perf_counter() - start
    ended.set()
    sampler.join()
usage = resource.getrusage(resource.RUSAGE_CHILDREN)
print(json.dumps({'code': code, 'wallS': wall, 'cpuS': usage.ru_utime + usage.ru_stime, 'peakBytes': peak, 'largestProcessBytes': usage.ru_maxrss * 1024}))
