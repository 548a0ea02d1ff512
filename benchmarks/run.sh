#!/usr/bin/env bash
# Compares Tomcorn with plain Spring Boot, Gunicorn and Puma under load, and writes RESULTS.md next to this file.
# run.sh boot measures the cost of boots, reloads and memory of a fleet, and writes target/boot.md.
# run.sh --help lists the options; run.sh --no-build ... uses the jars of an earlier run.
# run.sh warm-up ... prints how servers get warm instead.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

fail() {
	echo "run.sh: $*" >&2
	exit 2
}

install_what_is_missing() {
	local package missing=
	for package; do
		command -v "$package" >/dev/null || dpkg-query -s "$package" >/dev/null 2>&1 || missing=yes
	done
	[ -n "$missing" ] || return 0
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
driver=$here/driver
module=benchmarks
packages="wrk gunicorn python3-gevent python3-flask puma"
if [ "${1:-}" = boot ]; then
	driver=$here/driver/boot.py
	module=demo-app
	packages=wrk
	shift
elif [ "${1:-}" = warm-up ]; then
	driver=$here/driver/warmup.py
	shift
fi
if [ "${1:-}" = --no-build ]; then
	build=no
	shift
fi
case " $* " in
	*" --help "* | *" -h "*) exec python3 -B "$driver" --help ;;
esac
# shellcheck disable=SC2086 # several words
install_what_is_missing $packages
JAVA_HOME=$(find_jdk)
export JAVA_HOME
[ $build = no ] || (cd "$here/.." && ./mvnw -q -pl $module -am package -DskipTests)
exec python3 -B "$driver" "$@"
