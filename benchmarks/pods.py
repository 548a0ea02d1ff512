#!/usr/bin/env python3
"""Compares one pod of two workers with two pods of one worker: memory, processor time, and the effect of a crash.

    benchmarks/pods.py demo-app/target/tomcorn-demo-app.jar

A pod is a process tree on this machine. Times are processor time, so other load of the machine changes them little."""

import argparse
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

ROUNDS = 3
REQUESTS = 400
PATIENCE = 900
HEAP = "-Xmx192m"
# Name, pods, workers a pod, whether an arbiter supervises them
SHAPES = [("1 pod × 2 workers", 1, 2, True), ("2 pods × 1 worker", 2, 1, False), ("2 pods × 1 supervised worker", 2, 1, True)]
TICKS = os.sysconf("SC_CLK_TCK")


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Pod:
    """A process tree. It is a session of its own, by which all of it is found."""

    def __init__(self, java, jar, workers, supervised, directory):
        self.port = free_port()
        self._log = open(os.path.join(directory, f"pod-{self.port}.log"), "w+")
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith(("TOMCORN_", "SPRING_", "SERVER_", "MANAGEMENT_"))
                       and name not in ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "WEB_CONCURRENCY")}
        self._command = [java, HEAP, "-jar", jar, "--spring.profiles.active=one-port", f"--server.port={self.port}",
                         f"--tomcorn.workers={workers}", f"--tomcorn.arbiter.enabled={str(supervised).lower()}",
                         "--tomcorn.worker-class=gthread", "--tomcorn.threads=20",
                         # Long enough for a slow machine
                         "--tomcorn.boot-timeout=0", "--tomcorn.timeout=0"]
        self._environment = environment
        self._workers = workers
        self.start()

    def start(self):
        self.process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=self._log, stderr=subprocess.STDOUT,
                                        env=self._environment, start_new_session=True)

    def pids(self):
        return [int(name) for name in os.listdir("/proc") if name.isdigit() and stat(name, 3) == self.process.pid]

    def serving(self):
        """The processes that serve: all but the arbiter, or the only one."""
        return [pid for pid in self.pids() if pid != self.process.pid] or [self.process.pid]

    def cpu_seconds(self):
        """Of the living processes, and of ended ones for which they have waited."""
        return sum(stat(pid, field) or 0 for pid in self.pids() for field in (11, 12, 13, 14)) / TICKS

    def memory(self):
        kib = 0
        for pid in self.pids():
            try:
                with open(f"/proc/{pid}/smaps_rollup") as rollup:
                    kib += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
            except OSError:
                continue
        return kib / 1024

    def answer(self, path, timeout=PATIENCE):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            response = connection.getresponse()
            return response.read().decode() if response.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def ready_workers(self):
        answer = self.answer("/actuator/workers")
        return answer.count('"state":"READY"') if answer else 0

    def await_ready(self):
        deadline = time.monotonic() + PATIENCE
        while self.ready_workers() < self._workers:
            if time.monotonic() > deadline or self.process.poll() is not None:
                self._log.seek(0)
                sys.exit(f"A pod does not get ready:\n{self._log.read()[-3000:]}")
            time.sleep(0.5)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            pass
        for pid in self.pids():
            os.kill(pid, signal.SIGKILL)
        self.process.wait()


def stat(pid, field):
    try:
        with open(f"/proc/{pid}/stat") as line:
            return int(line.read().rpartition(")")[2].split()[field])
    except OSError:
        return None


def load(pods, requests):
    for number in range(requests):
        if pods[number % len(pods)].answer("/io?ms=0") is None:
            sys.exit("A request without a fault has failed")


def crash(pods):
    """Kill one process that serves, and count the requests that fail until it is replaced. Like a kubelet, start a pod again that has ended."""
    victim = pods[0].serving()[-1]
    failed, served, over = [], [], threading.Event()

    def ask(number):
        while not over.is_set():
            pod = pods[number % len(pods)]
            (served if pod.answer("/io?ms=20") is not None else failed).append(1)
            number += 1
            time.sleep(0.02)
    clients = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
    for client in clients:
        client.start()
    time.sleep(1)
    os.kill(victim, signal.SIGKILL)
    if victim == pods[0].process.pid:
        pods[0].process.wait()
        pods[0].start()
    while any(victim in pod.pids() and stat(victim, 3) for pod in pods):
        time.sleep(0.1)
    for pod in pods:
        pod.await_ready()
    over.set()
    for client in clients:
        client.join()
    return len(failed), len(failed) + len(served)


def measure(java, jar, pods, workers, supervised, directory):
    fleet = [Pod(java, jar, workers, supervised, directory) for _ in range(pods)]
    try:
        for pod in fleet:
            pod.await_ready()
        booted = sum(pod.cpu_seconds() for pod in fleet)
        load(fleet, REQUESTS)
        memory = sum(pod.memory() for pod in fleet)
        processes = sum(len(pod.pids()) for pod in fleet)
        failed, asked = crash(fleet)
        return processes, memory, booted, failed, asked
    finally:
        for pod in fleet:
            pod.end()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("jar", help="the packaged demo application")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="how often each is measured (%(default)s)")
    options = parser.parse_args()
    java = os.path.join(os.environ["JAVA_HOME"], "bin", "java") if "JAVA_HOME" in os.environ else "java"
    with tempfile.TemporaryDirectory() as directory:
        print("| | JVMs | memory (PSS, MiB) | processor time to be ready (s) | requests that fail when a worker is killed |")
        print("|---|---:|---:|---:|---:|")
        for name, pods, workers, supervised in SHAPES:
            rounds = [measure(java, os.path.abspath(options.jar), pods, workers, supervised, directory)
                      for _ in range(options.rounds)]
            middle = len(rounds) // 2
            memory, booted = (sorted(column)[middle] for column in list(zip(*rounds))[1:3])
            failed, asked = (sum(column) for column in list(zip(*rounds))[3:5])
            print(f"| {name} | {rounds[0][0]} | {memory:.0f} | {booted:.1f} | {failed} of {asked} |", flush=True)


if __name__ == "__main__":
    main()
