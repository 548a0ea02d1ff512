"""Prints how servers get warm, second by second, and the cost of a reload. Started by run.sh, like __main__.py."""

import argparse
import os
import pathlib
import signal
import sys
import time

from candidates import BASELINE, CANDIDATES, CONNECTIONS, tomcorn
from load import Workload, wrk
from server import READY, Server, ServerFailure, is_free

BASE = pathlib.Path(__file__).resolve().parent.parent
WORKERS = 2
FULL = Workload("", "", "/hello", 64)
# 800 requests a second for every server
LIGHT = Workload("", "", "/io?ms=10", 8, keep_alive=False)
PATHS = "/hello,/io?ms=1"
STEADY_SHARE = 0.9
RELOAD_SECONDS = 120


def arguments():
    parser = argparse.ArgumentParser(prog="run.sh warm-up", description="Prints how servers get warm.")
    parser.add_argument("--seconds", type=int, default=40, metavar="N", help="length of the curve (40)")
    parser.add_argument("--before-reload", type=int, default=15, metavar="N",
                        help="seconds of light load before the reload (15); 0 for no reload")
    parser.add_argument("--requests", type=int, default=5000, metavar="N", help="requests of the warm-up to each path (5000)")
    parser.add_argument("--property", action="append", default=[], metavar="NAME=VALUE",
                        help="property for the fleet with a warm-up, may be repeated")
    parser.add_argument("--slow-start", default="0", metavar="TIME", help="slow start of the fleets (0)")
    parser.add_argument("--port", type=int, default=18080, metavar="N", help="where to begin to look for a free port (18080)")
    return parser.parse_args()


def candidates(options):
    fleet = (f"tomcorn.worker-connections={CONNECTIONS}", f"tomcorn.slow-start={options.slow_start}")
    warm = (f"tomcorn.warm-up.paths={PATHS}", f"tomcorn.warm-up.requests={options.requests}", *options.property)
    plain = next(candidate for candidate in CANDIDATES if candidate.name == BASELINE)
    return (plain, tomcorn("fleet", "gevent", WORKERS, *fleet), tomcorn("fleet-warm", "gevent", WORKERS, *fleet, *warm))


def measure(candidate, options, java):
    server = Server(candidate, next(filter(is_free, range(options.port, 32768))), BASE, java)
    began = time.monotonic()
    try:
        server.start()
        server.await_ready()
        ready = time.monotonic() - began
        curve = [wrk(FULL, server.port, 1)["rps"] for _ in range(options.seconds)]
        reload = measure_reload(server, options) if candidate.workers and options.before_reload else None
        return ready, curve, reload
    finally:
        server.stop()


def measure_reload(server, options):
    """Return p99 and the longest request before a reload and in the seconds around its workers' first ones."""
    server.await_quiet()
    before = wrk(LIGHT, server.port, options.before_reload)
    known = len(READY.findall(server.log.read_text(errors="replace")))
    os.kill(server.pid(), signal.SIGHUP)
    slices = []
    deadline = time.monotonic() + RELOAD_SECONDS
    after = 0
    while after < 3:
        slices.append(wrk(LIGHT, server.port, 2))
        ready = len(READY.findall(server.log.read_text(errors="replace"))) - known
        after += ready >= server.candidate.workers
        if time.monotonic() > deadline:
            raise ServerFailure(f"{server.candidate.name} did not reload within {RELOAD_SECONDS} s")
    # The worst two seconds: a p99 of all of them hides the few in which a cold worker serves
    return before, {"p99": max(part["p99"] for part in slices), "max": max(part["max"] for part in slices),
                    "errors": sum(sum(part["errors"].values()) for part in slices)}


def steady(curve):
    tail = curve[-max(1, len(curve) // 4):]
    return sum(tail) / len(tail)


def render(results):
    names = list(results)
    lines = ["| second | " + " | ".join(names) + " |", "|---:|" + "---:|" * len(names)]
    for second in range(max(len(curve) for _, curve, _ in results.values())):
        lines.append(f"| {second + 1} | " + " | ".join(f"{results[name][1][second]:.0f}" for name in names) + " |")
    lines += ["", "| | ready | steady | seconds to 90% |", "|---|---:|---:|---:|"]
    for name, (ready, curve, _) in results.items():
        reached = next((number for number, rate in enumerate(curve, 1) if rate >= STEADY_SHARE * steady(curve)), None)
        lines.append(f"| {name} | {ready:.1f} s | {steady(curve):.0f} req/s | {reached} |")
    reloads = {name: reload for name, (_, _, reload) in results.items() if reload}
    if reloads:
        lines += ["", "| reload | p99 before | p99 ÷ before | longest | failed |", "|---|---:|---:|---:|---:|"]
    for name, (before, during) in reloads.items():
        lines.append(f"| {name} | {before['p99'] / 1000:.1f} ms | {during['p99'] / before['p99']:.2f}"
                     f" | {during['max'] / 1000:.0f} ms | {during['errors']} |")
    return "\n".join(lines)


def main():
    options = arguments()
    java = os.path.join(os.environ["JAVA_HOME"], "bin", "java")
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda received, frame: sys.exit(128 + received))
    results = {}
    try:
        for candidate in candidates(options):
            print(f"measuring {candidate.name}", file=sys.stderr, flush=True)
            results[candidate.name] = measure(candidate, options, java)
    except ServerFailure as failure:
        sys.exit(f"run.sh: {failure}")
    print(render(results))


if __name__ == "__main__":
    main()
