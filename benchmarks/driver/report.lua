-- What wrk measured, as one line of JSON; latencies in microseconds
function done(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "micros": %d, "p50": %d, "p99": %d, "max": %d, "errors": {"connect": %d, "read": %d, "write": %d, '
      .. '"timeout": %d, "status": %d}}\n',
    summary.requests, summary.duration, latency:percentile(50), latency:percentile(99), latency.max, errors.connect, errors.read,
    errors.write, errors.timeout, errors.status))
end
