#!/usr/bin/env bash
# Compares Tomcorn with plain Spring Boot and with Gunicorn under load, and writes RESULTS.md beside this file.
# run.sh --help lists the options; run.sh --no-build ... uses the jars that an earlier run built.
# run.sh [--no-build] warm-up ... prints how servers get warm instead.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
	echo "run.sh: $*" >&2
	exit 2
}

install_what_is_missing() {
	command -v wrk >/dev/null && command -v gunicorn >/dev/null &&
		dpkg-query -s python3-gevent python3-flask >/dev/null 2>&1 && return
	[ "$(id -u)" = 0 ] || fail "needs the Debian packages $*: install them, or run this as root once"
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@"
}

find_jdk() {
	local home version
	for home in "${JAVA_HOME:-}" /usr/lib/jvm/*; do
		[ -x "$home/bin/java" ] || continue
		version=$("$home/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
		[ "${version:-0}" -lt 25 ] || { echo "$home" && return; }
	done
	fail "found no JDK 25: set JAVA_HOME to one"
}

build=yes
if [ "${1:-}" = --no-build ]; then
	build=no
	shift
fi
driver=$here/driver
if [ "${1:-}" = warm-up ]; then
	driver=$here/driver/warmup.py
	shift
fi
case " $* " in
	*" --help "* | *" -h "*) exec python3 -B "$driver" --help ;;
esac
install_what_is_missing wrk gunicorn python3-gevent python3-flask
JAVA_HOME=$(find_jdk)
export JAVA_HOME
[ $build = no ] || (cd "$here/.." && ./mvnw -q -pl benchmarks -am package -DskipTests)
exec python3 -B "$driver" "$@"
