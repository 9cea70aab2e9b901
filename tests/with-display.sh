#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
#
# with-display.sh COMMAND [ARGS…]: runs COMMAND on an X display and a session bus of its own, so
# that widget tests neither need nor touch the user's. Exit code, stdin and stdout are COMMAND's;
# 77 (skipped) where Xvfb is missing. ATTUNE_TEST_SCREEN=WIDTHxHEIGHT sizes the screen.
set -u

command -v Xvfb > /dev/null || { echo "1..0 # SKIP needs Xvfb (package xvfb)"; exit 77; }

exec 4<&0
scratch=$(mktemp -d "${TMPDIR:-/tmp}/attune-display-XXXXXX") || exit 1
server=
child=

stop () {
  [ -n "$child" ] && kill "$child" 2> /dev/null
  [ -n "$server" ] && kill "$server" 2> /dev/null && wait "$server" 2> /dev/null
  rm -rf "$scratch"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# A number far from those of people's own servers: where processes have numbers of their own, the
# lock of a living server looks stale, and would be taken away. The server writes its number down
# once it takes connections; where the number is in use it ends, and the next one is tried.
# -noreset: else it starts anew when its last client leaves, and turns away who comes meanwhile.
for attempt in 1 2 3 4 5; do
  : > "$scratch/number"
  Xvfb ":$((100 + ($$ * 7 + attempt * 131 + $(date +%N | sed 's/^0*//') / 1000) % 60000))" -displayfd 3 -screen 0 "${ATTUNE_TEST_SCREEN:-1280x900}x24" -nolisten tcp \
    -noreset \
    3> "$scratch/number" > "$scratch/log" 2>&1 < /dev/null &
  server=$!
  waited=0
  while [ ! -s "$scratch/number" ] && kill -0 "$server" 2> /dev/null && [ "$waited" -lt 300 ]; do
    sleep 0.1
    waited=$((waited + 1))
  done
  [ -s "$scratch/number" ] && break
  kill "$server" 2> /dev/null
  wait "$server" 2> /dev/null
  server=
done
if [ -z "$server" ]; then
  echo "Bail out! Xvfb did not start: $(tail -n 1 "$scratch/log")"
  exit 1
fi

mkdir -p -m 700 "$scratch/runtime"
export DISPLAY=":$(cat "$scratch/number")"
export XDG_RUNTIME_DIR="$scratch/runtime"
export GDK_BACKEND=x11
export GSK_RENDERER=cairo
export GTK_A11Y="${GTK_A11Y:-test}"
export GDK_DEBUG=no-portals
unset WAYLAND_DISPLAY DBUS_SESSION_BUS_ADDRESS GTK_THEME

# In the background, so that a signal reaches this script at once; stdin is handed through.
if command -v dbus-run-session > /dev/null; then
  dbus-run-session -- "$@" <&4 &
else
  "$@" <&4 &
fi
child=$!
wait "$child"
code=$?
child=
exit "$code"
