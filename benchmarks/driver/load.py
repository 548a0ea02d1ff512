"""The requests to the candidates, and how wrk sends them."""

import json
import pathlib
import subprocess
from dataclasses import dataclass

# About 10 ms for a JVM and twenty times that for Python
PRIMES_BELOW = 150_000
# wrk's own threads: it shares the cores with the candidates
THREADS = 2
TIMEOUT = "10s"


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    path: str
    connections: int
    keep_alive: bool = True


def _io(connections):
    return Workload(f"io-{connections}", f"Waiting 100 ms, {connections} connections", "/io?ms=100", connections)


WORKLOADS = (
    Workload("hello-keepalive", "Hello, keep-alive, 64 connections", "/hello", 64),
    Workload("hello-close", "Hello, a new connection for each request, 64 at a time", "/hello", 64, keep_alive=False),
    Workload("cpu", f"Computing (the primes below {PRIMES_BELOW}), 8 connections", f"/cpu?n={PRIMES_BELOW}", 8),
    _io(50),
    _io(400),
    # Last, because a worker that runs one at a time takes long for 1000
    _io(1000),
)
# Where a few percent matter
KEY_WORKLOADS = ("hello-keepalive", "io-1000")


def wrk(workload, port, seconds):
    """Load a candidate. Returns what report.lua prints, with the requests a second."""
    command = ["wrk", "-t", str(THREADS), "-c", str(workload.connections), "-d", f"{seconds}s", "--timeout", TIMEOUT,
               "-s", str(pathlib.Path(__file__).with_name("report.lua"))]
    if not workload.keep_alive:
        command += ["-H", "Connection: close"]
    command.append(f"http://127.0.0.1:{port}{workload.path}")
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    measured = json.loads(output.splitlines()[-1])
    measured["rps"] = measured["requests"] / (measured["micros"] / 1e6)
    return measured
