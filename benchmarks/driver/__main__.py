"""Runs the comparison. Started by run.sh, which builds the jars and names the JDK in JAVA_HOME."""

import argparse
import collections
import datetime
import json
import os
import pathlib
import re
import resource
import shlex
import signal
import sys
import time

import machine
import report
from candidates import BEFORE, CANDIDATES, CORES, KEY_CANDIDATES, of_jar
from load import KEY_WORKLOADS, WORKLOADS, Workload, wrk
from server import Server, ServerFailure, is_free

BASE = pathlib.Path(__file__).resolve().parent.parent
MEASUREMENTS = BASE / "target" / "measurements.jsonl"
WARM_UP = (Workload("", "", "/cpu?n=20000", 8), Workload("", "", "/io?ms=10", 1000), Workload("", "", "/hello", 64))
WARM_UP_SECONDS = 30
# Lets the connections of the last load close before the next begins
PAUSE_SECONDS = 0.5
ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def arguments():
    parser = argparse.ArgumentParser(prog="run.sh", description="Compares Tomcorn with plain Spring Boot, Gunicorn and Puma.")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds: about 4 minutes, not 20")
    parser.add_argument("--only", default="", metavar="REGEX",
                        help="candidates to measure: " + ", ".join(candidate.name for candidate in CANDIDATES))
    parser.add_argument("--workloads", default="", metavar="REGEX",
                        help="workloads to measure: " + ", ".join(workload.name for workload in WORKLOADS))
    parser.add_argument("--before", default="", metavar="JAR",
                        help="benchmarks-tomcorn.jar of another version: measured as further candidates, whose names"
                        f" end in {BEFORE}")
    parser.add_argument("--forks", type=int, metavar="N", help="how often all servers are started again (3; quick 1)")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds of everything in each fork (1)")
    parser.add_argument("--key-rounds", type=int, metavar="N",
                        help=f"further rounds of {' and '.join(KEY_WORKLOADS)} between {', '.join(KEY_CANDIDATES)}, where"
                        " a few percent matter (3; quick 2)")
    parser.add_argument("--seconds", type=int, metavar="N", help="length of one measurement (3; quick 2)")
    parser.add_argument("--warm-up", type=int, metavar="N",
                        help="requests to each JVM before it is measured (100000; quick 40000), for at most"
                        f" {WARM_UP_SECONDS} s a candidate")
    parser.add_argument("--resume", action="store_true",
                        help="add to the measurements of earlier runs, also of an interrupted one")
    parser.add_argument("--port", type=int, default=18080, metavar="N", help="first port of the search for free ports (18080)")
    parser.add_argument("--output", type=pathlib.Path, default=BASE / "RESULTS.md", metavar="FILE",
                        help="where to write the tables (RESULTS.md)")
    options = parser.parse_args()
    for name, normal, quick in (("forks", 3, 1), ("rounds", 1, 1), ("key_rounds", 3, 2), ("seconds", 3, 2),
                                ("warm_up", 100_000, 40_000)):
        if getattr(options, name) is None:
            setattr(options, name, quick if options.quick else normal)
    others = of_jar(os.path.abspath(options.before)) if options.before else ()
    options.key_candidates = KEY_CANDIDATES + tuple(name + BEFORE for name in KEY_CANDIDATES)
    options.candidates = [candidate for candidate in CANDIDATES + others if re.search(options.only, candidate.name)]
    options.workloads = [workload for workload in WORKLOADS if re.search(options.workloads, workload.name)]
    if not options.candidates or not options.workloads:
        parser.error("nothing of that name to measure")
    return options


class Comparison:
    def __init__(self, options, java):
        self._options = options
        self._began = time.monotonic()
        self._run = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M:%S UTC")
        self._turns = collections.Counter()
        ports = filter(is_free, range(options.port, 32768))
        self._servers = [Server(candidate, next(ports), BASE, java) for candidate in options.candidates]
        MEASUREMENTS.parent.mkdir(exist_ok=True)
        if not options.resume:
            MEASUREMENTS.unlink(missing_ok=True)
        self._record("run", command=shlex.join(["benchmarks/run.sh", *sys.argv[1:]]), date=self._run,
                     commit=machine.commit(BASE), machine=machine.describe(), versions=machine.versions(BASE, java))

    def run(self):
        for fork in range(self._options.forks):
            try:
                self._start()
                self._measure(fork)
                self._measure_memory()
            finally:
                self._stop()

    def _start(self):
        for server in self._servers:
            self._say(f"starting {server.candidate.name}")
            server.start()
            server.await_ready()
        for server in self._servers:
            self._say(f"warming up {server.candidate.name}")
            self._warm_up(server)

    def _warm_up(self, server):
        """Send requests until a JVM has compiled the hot code."""
        requests = 0
        deadline = time.monotonic() + WARM_UP_SECONDS
        while True:
            requests += sum(wrk(workload, server.port, 1)["requests"] for workload in WARM_UP)
            if requests >= self._options.warm_up * server.candidate.jvms or time.monotonic() > deadline:
                return

    def _measure(self, fork):
        options = self._options
        for number in range(options.rounds):
            for workload in options.workloads:
                self._measure_all(self._servers, workload, fork, number)
        key = [server for server in self._servers if server.candidate.name in options.key_candidates]
        for number in range(options.rounds, options.rounds + options.key_rounds):
            for workload in options.workloads:
                if workload.name in KEY_WORKLOADS and key:
                    self._measure_all(key, workload, fork, number)

    def _measure_all(self, servers, workload, fork, number):
        """Rotate, and reverse every other time, so that drift and neighbours affect all alike."""
        turn = self._turns[workload.name]
        self._turns[workload.name] += 1
        shift = turn % len(servers)
        order = servers[shift:] + servers[:shift]
        for server in order[::-1] if turn % 2 else order:
            self._measure_one(server, workload, fork, number)

    def _measure_one(self, server, workload, fork, number):
        server.await_quiet()
        time.sleep(PAUSE_SECONDS)
        cpu, others = server.cpu_seconds(), machine.other_cpu_seconds(server)
        measured = wrk(workload, server.port, self._options.seconds)
        measured["cpu"] = server.cpu_seconds() - cpu
        measured["others"] = (machine.other_cpu_seconds(server) - others) / (measured["micros"] / 1e6 * CORES)
        self._record("load", fork=fork, round=number, workload=workload.name, candidate=server.candidate.name, **measured)
        failed = sum(measured["errors"].values())
        self._say(f"fork {fork + 1} round {number + 1} {workload.name:16} {server.candidate.name:20}"
                  f" {measured['rps']:9.1f} req/s" + (f", {failed} errors" if failed else ""))

    def _measure_memory(self):
        for server in self._servers:
            self._record("memory", candidate=server.candidate.name, processes=len(server.processes()), mib=server.memory())

    def _stop(self):
        # A second Ctrl-C must not leave servers behind
        signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
        for server in self._servers:
            server.ask_to_stop()
        for server in self._servers:
            server.stop()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)

    def _record(self, kind, **values):
        with open(MEASUREMENTS, "a") as file:
            file.write(json.dumps({"kind": kind, "run": self._run, **values}) + "\n")

    def _say(self, text):
        seconds = int(time.monotonic() - self._began)
        print(f"{seconds // 60:3}:{seconds % 60:02} {text}", flush=True)


def _end(received, frame):
    print("run.sh: interrupted; --resume keeps what is measured", file=sys.stderr)
    sys.exit(128 + received)


def main():
    options = arguments()
    for number in ENDING:
        signal.signal(number, _end)
    # Two descriptors for each of 1000 connections, and some more
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        Comparison(options, os.path.join(os.environ["JAVA_HOME"], "bin", "java")).run()
    except ServerFailure as failure:
        sys.exit(f"run.sh: {failure}")
    with open(MEASUREMENTS) as file:
        options.output.write_text(report.render([json.loads(line) for line in file]))
    print(options.output.read_text())


if __name__ == "__main__":
    main()
