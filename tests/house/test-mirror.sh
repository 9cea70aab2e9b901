#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
#
# The Debian 13 root comes from the mirror that this system itself uses, in either format of apt's
# sources, and never from another supplier's archive; where there is none, from mmdebstrap's default.
#
# Usage: test-mirror.sh SOURCE_ROOT
. "$1/build-aux/debian-root.sh"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
apt_dir=$folder
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
debian_keyring=
[ ! -r "$keyring" ] || debian_keyring="[signed-by=$keyring] "
n=0
status=0

# expect NAME LINE: what root_source makes of the sources written so far, which are then removed
expect () {
  local got

  n=$((n + 1))
  got=$(root_source)
  if [ "$got" = "$2" ]; then
    echo "ok $n $1"
  else
    echo "# got:      $got" >&2
    echo "# expected: $2" >&2
    echo "not ok $n $1"
    status=1
  fi
  rm -rf "${folder:?}"/*
  mkdir "$folder/sources.list.d"
}

echo 1..6
mkdir "$folder/sources.list.d"
expect "no sources" ""

cat >"$folder/sources.list" <<'EOF'
# deb http://commented.example/debian bookworm main
deb http://security.debian.org/debian-security bookworm-security main
deb [arch=amd64] https://download.docker.com/linux/debian bookworm stable
deb http://dl.example.com/chrome/deb/ stable main
deb [ arch=amd64 signed-by=/etc/keys/mirror.gpg ] http://mirror.example/debian/ bookworm main contrib
EOF
expect "one line" "deb [signed-by=/etc/keys/mirror.gpg] http://mirror.example/debian/ trixie main"

cat >"$folder/sources.list.d/debian.sources" <<'EOF'
Enabled: no
Types: deb
URIs: http://disabled.example/debian
Suites: bookworm
Components: main

Types: deb
# a comment inside
URIs: https://cache.example/debian-remote
Suites: bookworm bookworm-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF
expect "stanzas" "deb [signed-by=$keyring] https://cache.example/debian-remote trixie main"

cat >"$folder/sources.list.d/ubuntu.sources" <<'EOF'
Types: deb
URIs: http://archive.ubuntu.com/ubuntu
Suites: noble noble-updates
Components: main universe
Signed-By: /usr/share/keyrings/ubuntu-archive-keyring.gpg
EOF
expect "another distribution" ""

echo "https://cloud.example/debian	priority:1" >"$folder/mirrors"
printf 'Types: deb deb-src\nURIs: mirror+file://%s/mirrors\nSuites: bookworm\nComponents: main\n' "$folder" \
  >"$folder/sources.list.d/debian.sources"
expect "a file of mirrors" "deb ${debian_keyring}https://cloud.example/debian trixie main"

cat >"$folder/sources.list.d/tor.sources" <<'EOF'
Types: deb
URIs: https://deb.other.example/other.example
Suites: bookworm
Components: main
Signed-By:
 -----BEGIN PGP PUBLIC KEY BLOCK-----
 .
 mQINBEqg7GsBCACsef8koRT8UyZxiv1Irke5nVpte54TDtTl1za1tOKfthmHbs2I
 -----END PGP PUBLIC KEY BLOCK-----
EOF
expect "another supplier" ""

exit $status
