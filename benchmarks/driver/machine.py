"""The machine and the programs of the measurement."""

import json
import os
import platform
import re
import resource
import shutil
import subprocess
import zipfile

from candidates import CORES


def describe():
    with open("/proc/cpuinfo") as cpuinfo:
        model = re.search(r"model name\s*: (.*)", cpuinfo.read())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2 ** 30
    name = model.group(1) if model else platform.machine()
    return f"{name}, {CORES} cores, {memory:.0f} GiB of memory, Linux {platform.release()}"


def versions(base, java):
    found = {"java": _first(r'version "([^"]*)"', java, "-version")}
    with zipfile.ZipFile(base / "target" / "benchmarks-plain.jar") as jar:
        libraries = " ".join(jar.namelist())
    found["Spring Boot"] = re.search(r"/spring-boot-(\d[^ ]*)\.jar", libraries).group(1)
    found["Tomcat"] = re.search(r"/tomcat-embed-core-(\d[^ ]*)\.jar", libraries).group(1)
    found["Gunicorn"] = _first(r"version ([\d.]+)", "gunicorn", "--version")
    found.update(_python_versions())
    found["Puma"] = _first(r"version ([\d.]+)", "puma", "--version")
    found["wrk"] = _first(r"wrk (\S+)", "wrk", "-v")
    return ", ".join(f"{name} {version}" for name, version in found.items())


def _python_versions():
    """The Python of Gunicorn, which may be another one than runs this."""
    with open(shutil.which("gunicorn")) as script:
        interpreter = script.readline().removeprefix("#!").split()
    code = ("import json, platform; from importlib.metadata import version; print(json.dumps({'Python':"
            " platform.python_version(), 'gevent': version('gevent'), 'Flask': version('Flask')}))")
    return json.loads(subprocess.run([*interpreter, "-c", code], check=True, capture_output=True, text=True).stdout)


def other_cpu_seconds(server):
    """Processor time, since some start, that other processes took than the server and wrk."""
    with open("/proc/stat") as stat:
        user, nice, system, _, _, irq, softirq = map(int, stat.readline().split()[1:8])
    # Network interrupts are part of the processes' own times, unless the kernel accounts for them separately
    busy = (user + nice + system + irq + softirq) / os.sysconf("SC_CLK_TCK")
    wrk = resource.getrusage(resource.RUSAGE_CHILDREN)
    return busy - server.cpu_seconds() - wrk.ru_utime - wrk.ru_stime


def commit(base):
    described = subprocess.run(["git", "-C", str(base), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return described.stdout.strip() or "unknown"


def _first(pattern, *command):
    # The exit code and the stream do not matter: wrk -v prints to standard output and exits with 1
    result = subprocess.run(command, capture_output=True, text=True)
    found = re.search(pattern, result.stdout + result.stderr)
    return found.group(1) if found else "unknown"
