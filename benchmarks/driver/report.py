"""Writes RESULTS.md from the measurements."""

from statistics import median, quantiles

from candidates import BASELINE, BEFORE, CANDIDATES, HEAP, PLAIN
from load import TIMEOUT, WORKLOADS

INTRODUCTION = f"""# Results

Written by `benchmarks/run.sh`; see `README.md` beside it for the method. In short: every candidate serves an equal
application on 127.0.0.1; wrk runs **on the same cores**, so a figure says how candidates compare on this machine and not
what a server could do alone. Each round measures the candidates one after the other, in an order that changes from round
to round; figures are medians over the rounds.

- **ratio**: requests a second, divided by those of `{BASELINE}` in the same round. ± is 1.58 times the interquartile range
  over the square root of the number of rounds, about a 95% interval of the median.
- **CPU**: processor time of all the candidate's processes for one request. Less is better, and it is steadier than the
  requests a second, which wrk's own share of the cores blurs.
- **÷ plain**: this processor time, divided by that of plain Boot with the same kind of threads (virtual for `gevent`, platform
  for `gthread` and `sync`) in the same round.
- **errors**: of all rounds together, by kind; a timeout is an answer later than {TIMEOUT}.
"""


def render(records):
    runs = [record for record in records if record["kind"] == "run"]
    loads = [record for record in records if record["kind"] == "load"]
    memory = [record for record in records if record["kind"] == "memory"]
    present = {load["candidate"] for load in loads}
    names = [name for candidate in CANDIDATES for name in (candidate.name, candidate.name + BEFORE) if name in present]
    parts = [INTRODUCTION, _runs(runs), _disturbance(loads)]
    for workload in WORKLOADS:
        mine = [load for load in loads if load["workload"] == workload.name]
        if mine:
            parts.append(f"## {workload.title}\n\n" + _workload(mine, names) + _against_before(mine, names))
    parts.append("## Memory\n\nProportional set size of all processes after the load.\n\n" + _memory(memory, names))
    parts.append("## Settings\n\n" + f"Every JVM has {HEAP}; what is not named is everyone's default.\n\n" + _settings(names))
    return "\n".join(parts)


def _runs(runs):
    lines = []
    for run in runs:
        lines.append(f"`{run['command']}`, {run['date']}, commit {run['commit']}  ")
    lines.append(f"Machine: {runs[-1]['machine']}  ")
    lines.append(f"Versions: {runs[-1]['versions']}\n")
    return "\n".join(lines)


def _disturbance(loads):
    others = [load["others"] for load in loads]
    return (f"While a candidate was measured, everything but it and wrk took {median(others):.0%} of the processor time"
            f" (median; at most {max(others):.0%}).\n")


def _workload(loads, names):
    baseline = {_round(load): load["rps"] for load in loads if load["candidate"] == BASELINE}
    costs = {(load["candidate"], _round(load)): load["cpu"] / load["requests"] for load in loads if load["requests"]}
    rows = []
    for name in names:
        mine = [load for load in loads if load["candidate"] == name]
        if not mine:
            continue
        ratios = [load["rps"] / baseline[_round(load)] for load in mine if baseline.get(_round(load))]
        rows.append((f"`{name}`", _number(median(load["rps"] for load in mine)),
                     "1" if name == BASELINE else _ratio(ratios),
                     _millis(median(load["p50"] for load in mine)), _millis(median(load["p99"] for load in mine)),
                     _cpu(mine), _against_plain(name, costs), _errors(mine), str(len(mine))))
    return _table(("candidate", "req/s", "ratio", "p50 ms", "p99 ms", "CPU", "÷ plain", "errors", "rounds"), rows)


def _against_plain(name, costs):
    plain = PLAIN.get(name.removesuffix(BEFORE))
    return _ratio([cost / costs[plain, number] for (candidate, number), cost in costs.items()
                   if candidate == name and costs.get((plain, number))])


def _against_before(loads, names):
    """Compares the candidates of this version with those of another one."""
    rows = []
    for name in names:
        before = {_round(load): load for load in loads if load["candidate"] == name + BEFORE}
        pairs = [(load, before[_round(load)]) for load in loads if load["candidate"] == name and _round(load) in before]
        pairs = [pair for pair in pairs if all(load["requests"] and load["cpu"] for load in pair)]
        if pairs:
            rows.append((f"`{name}`", _ratio(_by_fork(pairs, lambda load: load["rps"])),
                         _ratio(_by_fork(pairs, lambda load: load["cpu"] / load["requests"])), str(len(pairs))))
    if not rows:
        return ""
    return ("\nDivided by the version before in the same round; of each fork the median, for what the compiler makes of a fork"
            " is one draw, and ± over the forks:\n\n" + _table(("candidate", "req/s", "CPU", "rounds"), rows))


def _by_fork(pairs, figure):
    forks = {}
    for mine, before in pairs:
        forks.setdefault((mine["run"], mine["fork"]), []).append(figure(mine) / figure(before))
    return [median(ratios) for ratios in forks.values()]


def _round(load):
    return load["run"], load["fork"], load["round"]


def _ratio(ratios):
    if not ratios:
        return "–"
    if len(ratios) < 4:
        return f"{median(ratios):.2f}"
    low, _, high = quantiles(ratios, n=4, method="inclusive")
    return f"{median(ratios):.3f} ± {1.58 * (high - low) / len(ratios) ** 0.5:.3f}"


def _cpu(loads):
    micros = [load["cpu"] / load["requests"] * 1e6 for load in loads if load["requests"]]
    return f"{_number(median(micros))} µs" if micros else "–"


def _errors(loads):
    sums = {kind: sum(load["errors"][kind] for load in loads) for kind in loads[0]["errors"]}
    return ", ".join(f"{count} {kind}" for kind, count in sums.items() if count) or "0"


def _memory(memory, names):
    rows = []
    for name in names:
        mine = [record for record in memory if record["candidate"] == name]
        if mine:
            rows.append((f"`{name}`", str(mine[-1]["processes"]), f"{median(record['mib'] for record in mine):.0f}"))
    return _table(("candidate", "processes", "MiB"), rows)


def _settings(names):
    return _table(("candidate", "settings"), [(f"`{candidate.name}`", f"`{candidate.settings}`")
                                              for candidate in CANDIDATES if candidate.name in names], align="---")


def _number(value):
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


def _millis(micros):
    return f"{micros / 1000:,.0f}" if micros >= 100_000 else f"{micros / 1000:.1f}"


def _table(head, rows, align="---:"):
    lines = ["| " + " | ".join(head) + " |", "|---" + ("|" + align) * (len(head) - 1) + "|"]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"
