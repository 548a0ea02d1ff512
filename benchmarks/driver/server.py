"""The processes of one candidate. They are a session of their own, by which all of them are found."""

import http.client
import os
import re
import signal
import socket
import subprocess
import time

# Variables that could change a candidate's settings
FOREIGN = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "GUNICORN_CMD_ARGS", "WEB_CONCURRENCY")
READY = re.compile(r"Worker \d+ \(pid \d+\) ready")
ANSWERS = {"/hello": "Hello, world!\n", "/io?ms=1": "Waited 1 ms\n", "/cpu?n=10": "17\n"}
START_SECONDS = 90
QUIET_SECONDS = 90
STOP_SECONDS = 15


class ServerFailure(Exception):
    pass


def is_free(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


class Server:
    def __init__(self, candidate, port, base, java):
        self.candidate = candidate
        self.port = port
        self.log = base / "target" / "logs" / f"{candidate.name}.log"
        self._command = [word.format(port=port, java=java, base=base) for word in candidate.command]
        self._process = None

    def start(self):
        if not is_free(self.port):
            raise ServerFailure(f"port {self.port} was taken meanwhile: choose others by --port")
        environment = {name: value for name, value in os.environ.items() if name not in FOREIGN}
        environment["PYTHONDONTWRITEBYTECODE"] = "1"
        self.log.parent.mkdir(parents=True, exist_ok=True)
        with open(self.log, "w") as log:
            self._process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log,
                                             stderr=subprocess.STDOUT, env=environment, start_new_session=True)

    def await_ready(self):
        """Wait until all workers are ready and give the same answers as the other candidates."""
        deadline = time.monotonic() + START_SECONDS
        while not self._is_ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise self._failure(f"did not start by {' '.join(self._command)}")
            time.sleep(0.2)
        for path, expected in ANSWERS.items():
            answer = self._get(path, 5)
            if answer != expected:
                raise self._failure(f"answered {path} with {answer!r}, not {expected!r}")

    def _is_ready(self):
        if self._get("/hello", 1) is None:
            return False
        return len(READY.findall(self.log.read_text(errors="replace"))) >= self.candidate.workers

    def await_quiet(self):
        """Wait until the requests of an earlier load have ended."""
        deadline = time.monotonic() + QUIET_SECONDS
        prompt = 0
        while prompt < 3:
            start = time.monotonic()
            answered = self._get("/hello", max(1.0, deadline - start)) is not None
            prompt = prompt + 1 if answered and time.monotonic() - start < 0.1 else 0
            if time.monotonic() > deadline or self._process.poll() is not None:
                raise self._failure("no longer answers promptly")

    def _failure(self, what):
        return ServerFailure(f"{self.candidate.name} {what}; its log ends in\n"
                             + self.log.read_text(errors="replace")[-3000:])

    def _get(self, path, timeout):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path, headers={"Connection": "close"})
            response = connection.getresponse()
            return response.read().decode() if response.status == 200 else None
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def pid(self):
        """The first process: the arbiter, if there is one."""
        return self._process.pid

    def processes(self):
        """The pids of the session that the first process leads."""
        return [] if self._process is None else [pid for pid in map(int, filter(str.isdigit, os.listdir("/proc")))
                                                 if self._stat(pid, 3) == self._process.pid]

    def cpu_seconds(self):
        ticks = sum((self._stat(pid, 11) or 0) + (self._stat(pid, 12) or 0) for pid in self.processes())
        return ticks / os.sysconf("SC_CLK_TCK")

    def memory(self):
        """Proportional set size of all processes, in MiB: shared pages count once."""
        kib = 0
        for pid in self.processes():
            try:
                with open(f"/proc/{pid}/smaps_rollup") as rollup:
                    kib += sum(int(line.split()[1]) for line in rollup if line.startswith("Pss:"))
            except OSError:
                continue  # ended meanwhile
        return kib / 1024

    @staticmethod
    def _stat(pid, field):
        try:
            with open(f"/proc/{pid}/stat") as stat:
                # The fields after the name, which may contain blanks and brackets
                return int(stat.read().rpartition(")")[2].split()[field])
        except OSError:
            return None

    def ask_to_stop(self):
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()

    def stop(self):
        """End every process of the session, by KILL if TERM does not help."""
        if self._process is None:
            return
        self.ask_to_stop()
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            pass
        for pid in self.processes():
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        self._process.wait()
        self._process = None
