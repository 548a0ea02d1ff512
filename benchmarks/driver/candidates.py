"""The compared candidates, each with the settings that make the comparison fair."""

import os
from dataclasses import dataclass, replace

CORES = len(os.sched_getaffinity(0))
# The size of every thread pool: Tomcat's own default of 200, divided among two workers
THREADS = 200
CONNECTIONS = 1000
# Gunicorn's queue of new connections, and Tomcorn's
BACKLOG = 2048
# The same limit for every JVM: memory would otherwise depend on the machine's size, not on the candidate
HEAP = "-Xmx512m"
BASELINE = "boot-virtual"
# Ends the names of candidates from another version's jar
BEFORE = "-before"


@dataclass(frozen=True)
class Candidate:
    name: str
    command: tuple  # {port}, {java}, {base} are filled in at the start
    settings: str
    # How many workers report in the log that they are ready; 0 if the candidate reports nothing
    workers: int = 0
    # How many of its processes must compile code before they reach their full speed
    jvms: int = 0


def _boot(name, jar, *settings, workers=0):
    command = ("{java}", HEAP, "-jar", "{base}/target/benchmarks-%s.jar" % jar, "--server.port={port}")
    return Candidate(name, command + tuple("--" + setting for setting in settings), ", ".join(settings), workers,
                     jvms=max(workers, 1))


def tomcorn(name, worker_class, workers, *settings):
    supervised = workers > 0
    fleet = ("tomcorn.worker-class=" + worker_class, f"tomcorn.workers={max(workers, 1)}",
             f"tomcorn.arbiter.enabled={str(supervised).lower()}")
    return _boot(name, "tomcorn", *fleet, *settings, workers=workers)


def _gunicorn(name, *settings):
    options = tuple(word for setting in settings for word in setting.split())
    command = ("gunicorn", "--chdir", "{base}/flask", "--bind", "127.0.0.1:{port}") + options + ("app:app",)
    return Candidate(name, command, " ".join(settings))


def _puma(name, *settings):
    options = tuple(word for setting in settings for word in setting.split())
    bind = f"tcp://127.0.0.1:{{port}}?backlog={BACKLOG}"
    return Candidate(name, ("puma", "--environment", "production", "--bind", bind) + options + ("{base}/rack/config.ru",),
                     " ".join(settings))


CANDIDATES = (
    _boot(BASELINE, "plain", "spring.threads.virtual.enabled=true"),
    tomcorn("tomcorn-gevent-solo", "gevent", 0, f"tomcorn.worker-connections={CONNECTIONS}"),
    tomcorn("tomcorn-gevent", "gevent", CORES, f"tomcorn.worker-connections={CONNECTIONS}"),
    _boot("boot-platform", "plain", f"server.tomcat.threads.max={THREADS}"),
    tomcorn("tomcorn-gthread", "gthread", CORES, f"tomcorn.threads={THREADS // CORES}"),
    tomcorn("tomcorn-sync", "sync", CORES),
    _gunicorn("gunicorn-gevent", "--worker-class gevent", f"--workers {CORES}",
              f"--worker-connections {CONNECTIONS}"),
    _gunicorn("gunicorn-gthread", "--worker-class gthread", f"--workers {CORES}", f"--threads {THREADS // CORES}"),
    # The number of workers that Gunicorn's documentation recommends
    _gunicorn("gunicorn-sync", "--worker-class sync", f"--workers {2 * CORES + 1}"),
    _puma("puma", f"--workers {CORES}", f"--threads {THREADS // CORES}:{THREADS // CORES}", "--preload"),
)
# Candidates between which a few percent matter
KEY_CANDIDATES = (BASELINE, "tomcorn-gevent-solo", "tomcorn-gevent")
# The plain application that runs requests on the same kind of thread
PLAIN = {"tomcorn-gevent-solo": BASELINE, "tomcorn-gevent": BASELINE, "tomcorn-gthread": "boot-platform",
         "tomcorn-sync": "boot-platform"}


def of_jar(jar):
    """The candidates with Tomcorn once more, built by another version of this project."""
    return tuple(replace(candidate, name=candidate.name + BEFORE,
                         command=tuple(jar if part.endswith("benchmarks-tomcorn.jar") else part
                                       for part in candidate.command))
                 for candidate in CANDIDATES if candidate.name in PLAIN)
