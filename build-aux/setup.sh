# SPDX-License-Identifier: GPL-3.0-or-later
#
# What build-aux/run and build-aux/test share: find or make an environment that Attune builds in,
# build it there, fetch the default model. Sourced, by bash. Says each step on stderr before it
# starts, writes nothing to stdout and reads nothing from stdin.
#
# The environment is "native" (this system, with packages installed where that is allowed) or
# "root" (a Debian 13 folder, see debian-root.sh). After attune_set_up:
#   inside COMMAND…        runs a command there, as part of the set-up
#   exec_program COMMAND…  becomes a command there, with signals, streams and exit code its own

source_dir=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cache_dir=${XDG_CACHE_HOME:-$HOME/.cache}/attune
models_dir=${ATTUNE_MODELS:-${XDG_DATA_HOME:-$HOME/.local/share}/attune/models}
runs_dir=${ATTUNE_RUNS:-${XDG_DATA_HOME:-$HOME/.local/share}/attune/runs}
log_file=$cache_dir/set-up.log
kind=
build_dir=
build_targets=(all)
child=

# shellcheck source=build-aux/debian-root.sh
. "$source_dir/build-aux/debian-root.sh"
# shellcheck source=build-aux/default-model.sh
. "$source_dir/build-aux/default-model.sh"
# shellcheck source=build-aux/cuda-libtorch.sh
. "$source_dir/build-aux/cuda-libtorch.sh"

# The same floors as in meson.build.
native_modules=("glib-2.0 >= 2.80" "gtk4 >= 4.18" "libadwaita-1 >= 1.7" libutf8proc yyjson
                "libzstd >= 1.5" zlib uchardet "libsoup-3.0 >= 3.4" "libsecret-1 >= 0.20")
native_programs=(cc c++ ninja msgfmt xgettext glib-compile-resources glib-compile-schemas
                 update-desktop-database gtk4-update-icon-cache python3)
native_meson=1.4.0

say () { printf 'Attune: %s\n' "$*" >&2; }

fail () { say "$@"; exit 1; }

# Runs a command with its output in the log and nothing to read. In a process group of its own, so
# that an interrupted set-up takes everything down with it.
logged () {
  local status

  set -m
  "$@" </dev/null >"$log_file" 2>&1 9>&- &
  child=$!
  set +m
  wait "$child"
  status=$?
  child=
  return "$status"
}

# step LINE ADVICE COMMAND…: says LINE, runs COMMAND, and on failure shows its last lines.
step () {
  local line=$1 advice=$2

  shift 2
  say "$line"
  logged "$@" && return
  tail -n 25 "$log_file" | sed 's/^/  | /' >&2
  say "That failed. $advice"
  say "Everything it said is in $log_file."
  exit 1
}

interrupted () {
  trap - INT TERM HUP
  if [ -n "$child" ]; then
    kill -TERM -- "-$child" 2>/dev/null
    wait "$child" 2>/dev/null
  fi
  say "Interrupted. The next start goes on from here."
  exit "$1"
}

version_at_least () { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

# Whether compiler and linker find a libtorch that is new enough, and snappy, which has no .pc file.
probe_libraries () {
  local folder status

  folder=$(mktemp -d) || return 1
  cat >"$folder/probe.cc" <<'EOF'
#include <torch/csrc/api/include/torch/version.h>
#if TORCH_VERSION_MAJOR < 2 || (TORCH_VERSION_MAJOR == 2 && TORCH_VERSION_MINOR < 6)
#error "libtorch is older than 2.6"
#endif
int main () { return 0; }
EOF
  c++ -o "$folder/probe" "$folder/probe.cc" -ltorch -ltorch_cpu -lc10 -lsnappy </dev/null >/dev/null 2>&1
  status=$?
  rm -rf "$folder"
  return "$status"
}

native_is_enough () {
  local program

  for program in "${native_programs[@]}"; do
    command -v "$program" >/dev/null || return 1
  done
  pkg-config --print-errors --exists "${native_modules[@]}" 2>/dev/null || return 1
  version_at_least "$(meson --version 2>/dev/null </dev/null)" "$native_meson" || return 1
  probe_libraries
}

# as_root COMMAND…: as the administrator, where that needs no password.
as_root () {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo -n "$@"
  fi
}

can_be_root () {
  [ "$(id -u)" = 0 ] || { command -v sudo >/dev/null && sudo -n true </dev/null 2>/dev/null; }
}

# Debian 13 or newer, Ubuntu 25.04 or newer.
distribution_is_new_enough () (
  [ -r /etc/os-release ] || exit 1
  # shellcheck disable=SC1091
  . /etc/os-release
  case ${ID:-} in
    debian)
      case ${VERSION_CODENAME:-} in
        trixie|forky|duke|sid) exit 0 ;;
      esac
      version_at_least "${VERSION_ID:-0}" 13 ;;
    ubuntu) version_at_least "${VERSION_ID:-0}" 25.04 ;;
    *) exit 1 ;;
  esac
)

# apt_install PACKAGE…: with newer package lists only if the present ones do not do.
apt_install () {
  local install=(env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet
                 --no-install-recommends --no-upgrade)

  # An earlier set-up may have been interrupted in the middle of one.
  if [ -n "$(ls /var/lib/dpkg/updates 2>/dev/null)" ]; then
    as_root env DEBIAN_FRONTEND=noninteractive dpkg --configure -a
  fi
  as_root "${install[@]}" "$@" && return
  as_root apt-get update --quiet
  as_root "${install[@]}" "$@"
}

package_list () {
  sed 's/#.*//' "$source_dir/build-aux/debian-packages" | tr -s ' \n' '\n' | sed '/^$/d'
}

hash_of () { sha256sum | cut -c 1-12; }

# Sets kind to native or root, making it if need be. ATTUNE_SETUP chooses one.
choose_environment () {
  local packages

  case ${ATTUNE_SETUP:-} in
    ''|native|apt|root) ;;
    *) fail "ATTUNE_SETUP is \"$ATTUNE_SETUP\"; it can be native, apt or root." ;;
  esac
  if [ "${ATTUNE_SETUP:-native}" = native ] && native_is_enough; then
    kind=native
    return
  fi
  if [ "${ATTUNE_SETUP:-}" = native ]; then
    fail "This system lacks a module that Attune needs, or has it too old."
  fi
  if [ "${ATTUNE_SETUP:-apt}" = apt ] && distribution_is_new_enough && can_be_root; then
    mapfile -t packages < <(package_list)
    step "Installing ${#packages[@]} packages with apt-get" \
      "Look at the lines above, repair what apt-get complains of, and start again." \
      apt_install "${packages[@]}"
    native_is_enough || fail "The packages are installed, but a module is still missing." \
      "ATTUNE_SETUP=root makes a Debian 13 folder instead."
    kind=native
    return
  fi
  if [ "${ATTUNE_SETUP:-}" = apt ]; then
    fail "apt-get is no way here: it takes Debian 13 or Ubuntu 25.04, and root or passwordless sudo."
  fi
  prepare_root
  kind=root
}

# The variables of "meson devenv", so that programs run without being installed.
devenv () {
  devenv=(
    "ATTUNE_ENGINE_DIR=${ATTUNE_ENGINE_DIR:-$build_dir/src/engine/torch}"
    "ATTUNE_LIBEXEC_DIR=${ATTUNE_LIBEXEC_DIR:-$build_dir/src/convert}"
    "ATTUNE_DATA_DIR=${ATTUNE_DATA_DIR:-$source_dir/data}"
    "GSETTINGS_SCHEMA_DIR=${GSETTINGS_SCHEMA_DIR:-$build_dir/data}"
    "PATH=$build_dir/src/app:$build_dir/src/cli:${environment_path:-$PATH}"
  )
}

inside () {
  if [ "$kind" = root ]; then
    inside_root --die-with-parent -- "$@"
  else
    "$@"
  fi
}

exec_program () {
  devenv
  if [ "$kind" = root ]; then
    exec_inside_root env "${devenv[@]}" "$build_dir/build-aux/attune-launch" --inside "$@"
  else
    exec env "${devenv[@]}" "$@"
  fi
}

# pip_download FOLDER WHAT…: wheels, with the host's pip, else the one of the environment.
pip_download () {
  local arguments=(download --quiet --no-input --disable-pip-version-check --no-deps
                   --only-binary :all: --dest "$@")
  local pip

  export PIP_RETRIES=${PIP_RETRIES:-2} PIP_DEFAULT_TIMEOUT=${PIP_DEFAULT_TIMEOUT:-20}
  for pip in "python3 -m pip" pip3 pip; do
    # shellcheck disable=SC2086
    if $pip --version >/dev/null 2>&1; then
      $pip "${arguments[@]}" && return
      break
    fi
  done
  inside python3 -m pip "${arguments[@]}"
}

needs_building () {
  local plan

  plan=$(inside ninja -C "$build_dir" -n "${build_targets[@]}" </dev/null 2>&1) || return 0
  [[ $plan != *"no work to do"* ]]
}

# With the plug-in for CUDA where there is a libtorch for it.
build () {
  local cuda how=()

  cuda=$(cuda_libtorch)
  if [ ! -e "$build_dir/build.ninja" ]; then
    rm -rf "$build_dir"
  elif [ "$cuda" = "$(cat "$build_dir/.cuda" 2>/dev/null)" ]; then
    how=(none)
  else
    how=(--reconfigure)
  fi
  if [ "${how[*]}" != none ]; then
    step "Configuring the build in $build_dir" \
      "Look at the lines above; if they make no sense, remove $build_dir and start again." \
      inside meson setup "${how[@]}" "$build_dir" "$source_dir" -Dlibtorch_cuda="$cuda"
    printf '%s' "$cuda" >"$build_dir/.cuda"
  fi
  if needs_building; then
    step "Building Attune" \
      "Look at the lines above. \"git status\" shows what differs from the last version." \
      inside ninja -C "$build_dir" "${build_targets[@]}"
  fi
}

# attune_set_up [--cuda]
attune_set_up () {
  local name

  trap 'interrupted 130' INT
  trap 'interrupted 143' TERM
  trap 'interrupted 129' HUP
  mkdir -p "$cache_dir" || fail "Cannot write to $cache_dir. Set XDG_CACHE_HOME to another folder."
  exec 9>"$cache_dir/lock"
  if ! flock -n 9; then
    say "Waiting for another set-up to end"
    while ! flock -w 1 9; do :; done
  fi
  choose_environment
  if [ "${1:-}" = --cuda ]; then
    fetch_cuda_libtorch
  fi
  name=$(printf '%s\n' "$source_dir" "$kind" "${root_dir:-}" | hash_of)
  build_dir=$cache_dir/build-$name
  build
  fetch_default_model
  exec 9>&-
  trap - INT TERM HUP
}

# exec_script SCRIPT ARGUMENTS…: becomes a script of ours there, whose programs announce themselves
# one after the other. It gets the path of attune-launch as its first argument.
exec_script () {
  local launch=$build_dir/build-aux/attune-launch script=$1

  shift
  devenv
  if [ "$kind" = root ]; then
    exec_inside_root env "${devenv[@]}" "$script" "$launch" "$@"
  else
    exec "$launch" --announced env "${devenv[@]}" "$script" "$launch" "$@"
  fi
}
