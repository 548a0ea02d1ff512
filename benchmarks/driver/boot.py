"""Measures the cost of booting a fleet and of its memory, as multiples of plain Spring Boot. Started by run.sh boot."""

import argparse
import datetime
import http.client
import os
import pathlib
import re
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import zipfile

import machine
from candidates import Candidate
from server import Server, ServerFailure, is_free

BASE = pathlib.Path(__file__).resolve().parent.parent
JAR = BASE.parent / "demo-app" / "target" / "tomcorn-demo-app.jar"
PLAIN = "plain"
TICKS = os.sysconf("SC_CLK_TCK")
WAIT_SECONDS = 300
# The start of a process has ended when it uses less than a twentieth of a CPU
QUIET_SECONDS, QUIET_CPU, QUIET_LIMIT = 2, 0.1, 90
# A light load: requests a second, and for how long before the reload
LIGHT_RATE, LIGHT_SECONDS = 20, 10
READY = re.compile(r"Worker (\d+) \(pid (\d+)\) ready")
RELOADED = re.compile(r"Reload to generation \d+ succeeded")
STARTED = re.compile(r"Started \w+ in")
CACHE = re.compile(r"The AOT cache of release \w+ is (?:made|created)")


def arguments():
    parser = argparse.ArgumentParser(prog="run.sh boot", description="Measures boot, reload, respawn and memory of fleets.")
    parser.add_argument("--quick", action="store_true", help="one round, fleets of 1 and 4, less load")
    parser.add_argument("--rounds", type=int, metavar="N", help="rounds, in each of which everything is started again (5; quick 1)")
    parser.add_argument("--workers", metavar="N,N", help="sizes of the fleets (1,2,4,8; quick 1,4)")
    parser.add_argument("--preload", choices=("off", "on", "both"), default="both", help="fleets to measure (both)")
    parser.add_argument("--seconds", type=int, metavar="N", help="load on /db before memory is measured again (20; quick 5)")
    parser.add_argument("--jar", type=pathlib.Path, default=JAR, metavar="JAR", help="the demo application of another version")
    parser.add_argument("--option", action="append", default=[], metavar="OPTION", help="JVM option for all, may be repeated")
    parser.add_argument("--property", action="append", default=[], metavar="NAME=VALUE", help="property for fleets, may be repeated")
    parser.add_argument("--port", type=int, default=18080, metavar="N", help="where to begin to look for a free port (18080)")
    parser.add_argument("--output", type=pathlib.Path, default=BASE / "target" / "boot.md", metavar="FILE",
                        help="where to write the tables (target/boot.md)")
    options = parser.parse_args()
    for name, normal, quick in (("rounds", 5, 1), ("workers", "1,2,4,8", "1,4"), ("seconds", 20, 5)):
        if getattr(options, name) is None:
            setattr(options, name, quick if options.quick else normal)
    options.workers = [int(number) for number in options.workers.split(",")]
    return options


class Fleet(Server):
    """One start of the demo application, with its log and the resources that its processes have used."""

    def __init__(self, candidate, port, java):
        super().__init__(candidate, port, BASE, java)
        self._began = None

    def start(self):
        self._began = time.monotonic()
        super().start()

    def await_lines(self, pattern, count):
        deadline = time.monotonic() + WAIT_SECONDS
        while True:
            found = pattern.findall(self.log.read_text(errors="replace"))
            if len(found) >= count:
                return found
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise self._failure(f"did not log {count} times {pattern.pattern!r}")
            time.sleep(0.02)

    def count(self, pattern):
        return len(pattern.findall(self.log.read_text(errors="replace")))

    def await_boot(self):
        if self.candidate.workers:
            self.await_lines(READY, self.candidate.workers)
        else:
            self.await_lines(STARTED, 1)
        return time.monotonic() - self._began, self.cpu_with_ended()

    def cpu_with_ended(self):
        """Processor time of all processes, including ended ones for which their parent has waited."""
        return sum(self._stat(pid, field) or 0 for pid in self.processes() for field in (11, 12, 13, 14)) / TICKS

    def settle(self):
        deadline = time.monotonic() + QUIET_LIMIT
        before = self.cpu_with_ended()
        while time.monotonic() < deadline:
            time.sleep(QUIET_SECONDS)
            now = self.cpu_with_ended()
            if now - before < QUIET_CPU:
                return
            before = now

    def arbiter_memory(self):
        with open(f"/proc/{self._process.pid}/smaps_rollup") as rollup:
            return sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:")) / 1024

    def timed(self, act, pattern):
        """Run an action, and wait for one more line. Return the time and the processor time that it took."""
        lines, cpu, began = self.count(pattern), self.cpu_with_ended(), time.monotonic()
        act()
        self.await_lines(pattern, lines + 1)
        return time.monotonic() - began, self.cpu_with_ended() - cpu

    def reload(self):
        return self.timed(lambda: os.kill(self._process.pid, signal.SIGHUP), RELOADED)

    def kill_worker(self):
        alive = set(self.processes())
        pid = next(int(pid) for _, pid in reversed(self.await_lines(READY, 1)) if int(pid) in alive)
        return self.timed(lambda: os.kill(pid, signal.SIGKILL), READY)

    def load(self, seconds):
        subprocess.run(["wrk", "-t2", "-c16", f"-d{seconds}s", f"http://127.0.0.1:{self.port}/db"], check=True,
                       capture_output=True)


class LightLoad:
    """Requests /db at a steady rate, each time over a new connection, and keeps the time of every request."""

    def __init__(self, port):
        self._port = port
        self._stop = threading.Event()
        self._times = []
        self._threads = []
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        for thread in self._threads:
            thread.join()

    def _run(self):
        while not self._stop.wait(1 / LIGHT_RATE):
            thread = threading.Thread(target=self._ask)
            self._threads.append(thread)
            thread.start()

    def _ask(self):
        began = time.monotonic()
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=30)
        try:
            connection.request("GET", "/db", headers={"Connection": "close"})
            ok = connection.getresponse().read() is not None
        except (OSError, http.client.HTTPException):
            ok = False
        finally:
            connection.close()
        self._times.append((began, time.monotonic() - began, ok))

    def between(self, begin, end):
        times = sorted(took for began, took, _ in self._times if begin <= began < end)
        return (times[int(len(times) * 0.99)], times[-1]) if times else (0, 0)

    def failures(self):
        return sum(not ok for _, _, ok in self._times)


# What the demo application asks Tomcorn for, without Tomcorn
PLAIN_WORKER = """package dev.tomcorn.demo;

@org.springframework.stereotype.Component
class PlainWorker implements dev.tomcorn.Worker {

	public String workerClass() {
		return "plain";
	}

	public boolean supervised() {
		return false;
	}

	public int index() {
		return 0;
	}

	public void extendRequest(java.time.Duration time) {
	}

}
"""


def plain_jar(jar, java):
    """The same application without Tomcorn: of that, only the interface that its classes name is left."""
    plain = BASE / "target" / "demo-plain.jar"
    plain.parent.mkdir(exist_ok=True)
    with zipfile.ZipFile(jar) as source, zipfile.ZipFile(plain, "w") as target, \
            tempfile.TemporaryDirectory() as directory:
        path = []
        for entry in source.infolist():
            tomcorn = re.match(r"BOOT-INF/lib/tomcorn-", entry.filename)
            if tomcorn or re.match(r"BOOT-INF/lib/spring-context-\d", entry.filename):
                path.append(source.extract(entry, directory))
            if not tomcorn:
                target.writestr(entry, source.read(entry))
        file = pathlib.Path(directory, "PlainWorker.java")
        file.write_text(PLAIN_WORKER)
        subprocess.run([pathlib.Path(java).with_name("javac"), "-nowarn", "-d", directory, "-cp", ":".join(path), file],
                       check=True, stderr=subprocess.DEVNULL)
        target.write(pathlib.Path(directory, "dev/tomcorn/demo/PlainWorker.class"),
                     "BOOT-INF/classes/dev/tomcorn/demo/PlainWorker.class")
        for library in filter(lambda name: "tomcorn-spring-boot-autoconfigure" in name, path):
            with zipfile.ZipFile(library) as classes:
                target.writestr("BOOT-INF/classes/dev/tomcorn/Worker.class", classes.read("dev/tomcorn/Worker.class"))
    return plain


class Measurement:
    def __init__(self, options, java):
        self._options = options
        self._java = java
        self._port = next(filter(is_free, range(options.port, 32768)))
        self._plain_jar = plain_jar(options.jar, java)
        self._results = {}
        self._stores = {}

    def run(self):
        fleets = [(workers, preload) for workers in self._options.workers for preload in (False, True)
                  if self._options.preload in ("both", "on" if preload else "off")]
        for number in range(self._options.rounds):
            self._measure_plain()
            # In turns, so that drift affects all alike
            for workers, preload in fleets[::-1] if number % 2 else fleets:
                self._measure_fleet(workers, preload)

    def _server(self, name, jar, *settings, workers=0):
        command = ("{java}", *self._options.option, "-jar", str(jar), "--server.port={port}",
                   "--spring.profiles.active=one-port", *("--" + setting for setting in settings))
        return Fleet(Candidate(name, command, "", workers), self._port, self._java)

    def _measure_plain(self):
        server = self._server(PLAIN, self._plain_jar)
        try:
            server.start()
            seconds, cpu = server.await_boot()
            self._note(PLAIN, ready=seconds, cpu=cpu)
            self._measure_memory(server, PLAIN)
        finally:
            server.stop()

    def _measure_fleet(self, workers, preload):
        name = f"{workers} with preload" if preload else f"{workers}"
        settings = [f"tomcorn.workers={workers}", "tomcorn.arbiter.enabled=true", *self._options.property]
        if preload:
            settings += ["tomcorn.preload.enabled=true", f"tomcorn.preload.directory={self._store(workers, settings)}"]
        server = self._server("fleet-" + name.replace(" ", "-"), self._options.jar, *settings, workers=workers)
        try:
            server.start()
            seconds, cpu = server.await_boot()
            self._note(name, ready=seconds, cpu=cpu)
            self._measure_memory(server, name)
            for act, measure in (("reload", server.reload), ("respawn", server.kill_worker)):
                server.settle()
                seconds, cpu = measure()
                self._note(name, **{act: seconds, act + "_cpu": cpu})
            server.settle()
            self._reload_under_load(server, name)
        finally:
            server.stop()

    def _store(self, workers, settings):
        """A directory of releases with a cache, created by a fleet under load."""
        if workers not in self._stores:
            store = BASE / "target" / f"preload-{workers}"
            shutil.rmtree(store, ignore_errors=True)
            server = self._server(f"training-{workers}", self._options.jar, *settings, "tomcorn.preload.enabled=true",
                                  f"tomcorn.preload.directory={store}", workers=workers)
            try:
                server.start()
                server.await_boot()
                server.load(10)
                server.await_lines(CACHE, 1)
            finally:
                server.stop()
            self._stores[workers] = store
        return self._stores[workers]

    def _measure_memory(self, server, name):
        server.settle()
        self._note(name, idle=server.memory(), arbiter=server.arbiter_memory())
        server.load(self._options.seconds)
        server.settle()
        self._note(name, loaded=server.memory())

    def _reload_under_load(self, server, name):
        with LightLoad(server.port) as load:
            began = time.monotonic()
            time.sleep(LIGHT_SECONDS)
            reload = time.monotonic()
            seconds, _ = server.reload()
            end = time.monotonic()
        before, _ = load.between(began, reload)
        during, longest = load.between(reload, end)
        self._note(name, loaded_reload=seconds, p99=during / before if before else 0, longest=longest * 1000,
                   failures=load.failures())

    def _note(self, name, **values):
        print(name, ", ".join(f"{key} {value:.2f}" for key, value in values.items()), flush=True)
        for key, value in values.items():
            self._results.setdefault(name, {}).setdefault(key, []).append(value)

    def report(self):
        lines = ["# Boot, reload and memory", "",
                 f"`{shlex.join(['benchmarks/run.sh', 'boot', *sys.argv[1:]])}`,"
                 f" {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, commit {machine.commit(BASE)}  ",
                 f"Machine: {machine.describe()}", "",
                 "Medians over the rounds. In brackets: divided by the plain application in the same round, times by its boot.", ""]
        lines += self._table((("ready s", "ready", "ready"), ("CPU s", "cpu", "cpu"), ("PSS idle MB", "idle", "idle"),
                              ("PSS after load MB", "loaded", "loaded"), ("arbiter MB", "arbiter", None)))
        lines += self._table((("reload s", "reload", "ready"), ("CPU s", "reload_cpu", "cpu"),
                              ("kill -9 to full strength s", "respawn", "ready"), ("CPU s", "respawn_cpu", "cpu"),
                              ("reload under load s", "loaded_reload", "ready"), ("p99 ÷ before", "p99", None),
                              ("longest ms", "longest", None), ("failed", "failures", None)))
        return "\n".join(lines)

    def _table(self, columns):
        yield "| workers | " + " | ".join(title for title, _, _ in columns) + " |"
        yield "|---|" + "---:|" * len(columns)
        for name, values in self._results.items():
            yield f"| {name} | " + " | ".join(self._cell(values, key, base) for _, key, base in columns) + " |"
        yield ""

    def _cell(self, values, key, base):
        if key not in values or (key == "arbiter" and values is self._results[PLAIN]):
            return ""
        text = f"{statistics.median(values[key]):.1f}"
        if base and values is not self._results[PLAIN]:
            ratios = [value / plain for value, plain in zip(values[key], self._results[PLAIN][base])]
            text += f" ({statistics.median(ratios):.2f})"
        return text


def _end(received, frame):
    sys.exit(128 + received)


def main():
    options = arguments()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _end)
    measurement = Measurement(options, os.path.join(os.environ["JAVA_HOME"], "bin", "java"))
    try:
        measurement.run()
    except ServerFailure as failure:
        sys.exit(f"run.sh boot: {failure}")
    options.output.parent.mkdir(exist_ok=True)
    options.output.write_text(measurement.report())
    print(options.output.read_text())


if __name__ == "__main__":
    main()
