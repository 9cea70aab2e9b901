# SPDX-License-Identifier: GPL-3.0-or-later
#
# A Debian 13 folder to work in, for systems whose own libraries are too old: made once with
# mmdebstrap, entered with bwrap. Nothing in it needs a privilege; it is no cage either: the host's
# folders, display, buses and devices are all there under their own paths. Sourced by setup.sh.
#
# An ordinary user makes it in a user namespace of their own. There its owner "root" is the user, so
# everything in it belongs to them afterwards and "rm -rf" takes it away.

root_suite=trixie
apt_dir=/etc/apt
root_dir=
environment_path=

# Folders of the root itself; every other top-level folder is the host's.
root_keeps=" bin boot dev etc lib lib32 lib64 libx32 lost+found proc run sbin sys usr var "

# Debian's own main archive as this system reaches it: prints URI, a tab and the keyring ("-" if not
# said) of each such source in one-line (*.list) and deb822 (*.sources) files. Other suppliers'
# archives are not meant: they have other paths and keyrings.
host_sources () {
  local file

  {
    for file in "$apt_dir"/sources.list "$apt_dir"/sources.list.d/*.list; do
      [ -r "$file" ] && sed 's/#.*//' "$file"
    done | awk '
      $1 == "deb" {
        i = 2; key = "-"
        if ($i ~ /^\[/)
          for (;;) {
            word = $i; gsub (/[][]/, "", word)
            if (word ~ /^signed-by=/) { key = word; sub (/^signed-by=/, "", key) }
            if ($(i++) ~ /\]/ || i > NF) break
          }
        for (j = i + 2; j <= NF; j++)
          if ($j == "main") print $i "\t" $(i + 1) "\t" key
      }'
    for file in "$apt_dir"/sources.list.d/*.sources; do
      [ -r "$file" ] && { sed '/^#/d' "$file"; echo; }
    done | awk '
      function flush (   i, j, n, m, u, s) {
        if (types ~ /(^| )deb( |$)/ && components ~ /(^| )main( |$)/ \
            && enabled !~ /^(no|false|0)$/) {
          n = split (uris, u, " "); m = split (suites, s, " ")
          for (i = 1; i <= n; i++)
            for (j = 1; j <= m; j++)
              print u[i] "\t" s[j] "\t" (key ~ /^\// ? key : "-")
        }
        types = uris = suites = components = key = field = ""; enabled = "yes"
      }
      BEGIN { enabled = "yes" }
      /^[ \t]*$/ { flush (); next }
      /^[^ \t]/ { field = tolower ($1); sub (/:.*/, "", field); sub (/^[^:]*:[ \t]*/, "") }
      { gsub (/^[ \t]+|[ \t\r]+$/, "") }
      field == "types" { types = types " " $0; sub (/^ /, "", types) }
      field == "uris" { uris = uris " " $0 }
      field == "suites" { suites = suites " " $0 }
      field == "components" { components = components " " $0 }
      field == "signed-by" && key == "" { key = $1 }
      field == "enabled" { enabled = tolower ($0) }
      END { flush () }'
  } | awk -F '\t' '
    $2 ~ /^(bullseye|bookworm|trixie|forky|duke|sid|(old)*stable|testing|unstable)$/ \
    && $1 !~ /security/ \
    && ($1 ~ /\/debian\/?$/ || $1 ~ /\/\/[^\/]*\.debian\.org\// || $1 ~ /^mirror\+file:/ \
        || $3 ~ /debian-archive/) { print $1 "\t" $3 }'
}

# The line of /etc/apt/sources.list for the root; nothing where this system names no Debian mirror:
# then mmdebstrap's own default serves.
root_source () {
  local uri key option=

  while IFS=$'\t' read -r uri key; do
    case $uri in
      # Cloud images keep the mirror's address in a file.
      mirror+file:*)
        uri=$(sed -n 's/#.*//; s/[[:space:]].*//; /./{p;q}' "/${uri#mirror+file:*/}" 2>/dev/null) ;;
    esac
    case $uri in
      http://*|https://*|ftp://*) break ;;
    esac
    uri=
  done < <(host_sources)
  [ -n "${uri:-}" ] || return 0
  if [ "$key" = - ] && [ -r /usr/share/keyrings/debian-archive-keyring.gpg ]; then
    key=/usr/share/keyrings/debian-archive-keyring.gpg
  fi
  [ "$key" = - ] || option="[signed-by=$key] "
  printf 'deb %s%s %s main\n' "$option" "$uri" "$root_suite"
}

# How the host reaches the network, as options for mmdebstrap: proxies, certificates, retries.
host_apt_options () {
  apt-config dump 2>/dev/null </dev/null \
    | grep -E '^Acquire::(http|https|ftp|Retries|ForceIPv4|ForceIPv6)\b.*"[^"]+";$' \
    | sed 's/^/--aptopt=/'
}

missing_tools () {
  local tools=()

  command -v mmdebstrap >/dev/null || tools+=(mmdebstrap)
  command -v bwrap >/dev/null || tools+=(bubblewrap)
  if [ "$(id -u)" != 0 ]; then
    command -v newuidmap >/dev/null || tools+=(uidmap)
  fi
  [ -e /usr/share/keyrings/debian-archive-keyring.gpg ] || tools+=(debian-archive-keyring)
  printf '%s' "${tools[*]}"
}

get_tools () {
  local tools user

  tools=$(missing_tools)
  if [ -n "$tools" ]; then
    if ! command -v apt-get >/dev/null; then
      fail "Install these with the system's package manager and start again: $tools"
    elif can_be_root; then
      # shellcheck disable=SC2086
      step "Installing $tools with apt-get" \
        "Look at the lines above, repair what apt-get complains of, and start again." \
        apt_install $tools
    else
      say "Some tools are missing. Install them and start again:"
      printf 'sudo apt-get install %s\n' "$tools" >&2
      exit 1
    fi
  fi
  [ "$(id -u)" != 0 ] || return 0

  user=$(id -un)
  if ! grep -qE "^($user|$(id -u)):" /etc/subuid \
      || ! grep -qE "^($user|$(id -u)):" /etc/subgid; then
    say "This user has no subordinate ids. Get some and start again:"
    printf 'sudo usermod --add-subuids 100000-165535 --add-subgids 100000-165535 %s\n' "$user" >&2
    exit 1
  fi
}

# Whether unshare can map subordinate ids by itself (util-linux 2.38 and newer).
can_map () { [ "$(id -u)" = 0 ] || unshare --help 2>/dev/null | grep -q -e --map-auto; }

# own_namespaces COMMAND…: as the owner of namespaces that end, with all that runs and is mounted
# in them, when this process does.
own_namespaces () {
  local map=()

  [ "$(id -u)" = 0 ] || map=(--map-root-user --map-auto)
  exec unshare "${map[@]}" --mount --pid --fork --kill-child --mount-proc "$@"
}

namespaces_work () {
  if can_map; then
    (own_namespaces true) </dev/null >/dev/null 2>&1
  else
    unshare --map-root-user true </dev/null >/dev/null 2>&1
  fi
}

remove_root () {
  if can_map; then
    own_namespaces rm -rf --one-file-system "$1"
  else
    rm -rf --one-file-system "$1"
  fi
}

# Runs in a process of its own: make_root FOLDER
make_root () {
  local folder=$1 options packages arguments mirror

  mapfile -t options < <(host_apt_options)
  mapfile -t mirror < <(root_source)
  packages=$(package_list | paste -s -d ,)
  arguments=(
    --variant=apt --include="$packages" --aptopt='Acquire::Languages "none"' "${options[@]}"
    --dpkgopt=force-unsafe-io
    --customize-hook='rm -f "$1/etc/apt/apt.conf.d/99mmdebstrap" "$1/etc/localtime"'
  )
  if can_map; then
    # Others' files (a mail folder, a cache) are given to the user who makes it.
    [ "$(id -u)" = 0 ] || arguments+=(--customize-hook='
      find "$1" -xdev \( -path "$1/proc" -o -path "$1/sys" -o -path "$1/dev" \) -prune \
        -o \( ! -uid 0 -o ! -gid 0 \) -exec chown -h 0:0 {} +')
    own_namespaces mmdebstrap --mode=root "${arguments[@]}" "$root_suite" "$folder" "${mirror[@]}"
  else
    # Made elsewhere, by ids that cannot enter a private home folder, and unpacked here.
    set -o pipefail
    mkdir -p "$folder"
    TMPDIR=/var/tmp mmdebstrap --mode=unshare --format=tar "${arguments[@]}" \
      "$root_suite" - "${mirror[@]}" \
      | tar -x -C "$folder" --no-same-owner --exclude='./dev/*'
  fi
}

# Makes the root if there is none yet. Under a temporary name until it is whole.
prepare_root () {
  root_dir=$cache_dir/root-$( { echo "$root_suite"; package_list | sort -u; } | hash_of)
  environment_path=/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin
  if [ ! -d "$root_dir" ]; then
    get_tools
    if ! namespaces_work; then
      say "This system does not let $(id -un) make namespaces."
      fail "An administrator can allow it: sysctl user.max_user_namespaces," \
        "kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns."
    fi
    if [ -e "$root_dir.part" ]; then
      step "Removing what an interrupted set-up left" \
        "Remove $root_dir.part by hand and start again." \
        remove_root "$root_dir.part"
    fi
    step "Making a Debian 13 folder for the libraries, once (1 to 3 minutes, 2 GB in $cache_dir)" \
      "Check the network connection and the free space, and start again." \
      make_root "$root_dir.part"
    sync -f "$root_dir.part"
    mv "$root_dir.part" "$root_dir"
  elif ! command -v bwrap >/dev/null; then
    get_tools
  fi
  root_arguments
}

# bind_at HOST_PATH [PATH]: makes the host's path appear in the root, at its own place or another.
bind_at () {
  local from to=${2:-$1}

  from=$(readlink -f "$1") || return 0
  if [ -d "$from" ]; then
    mkdir -p "$root_dir$to"
  elif [ -e "$from" ]; then
    [ ! -L "$root_dir$to" ] || rm -f "$root_dir$to"
    [ -e "$root_dir$to" ] || { mkdir -p "$root_dir${to%/*}"; : >"$root_dir$to"; }
  else
    return 0
  fi
  root_args+=(--bind "$from" "$to")
  # A link's target too, so that both names work (/home on some systems is /var/home).
  if [ "$from" != "$to" ] && [ -d "$from" ] && [ -z "${2:-}" ]; then
    mkdir -p "$root_dir$from"
    root_args+=(--bind "$from" "$from")
  fi
}

# The driver's libraries belong to the host's kernel module, so the host's are the right ones.
bind_nvidia () {
  local name path folder=/run/attune-host

  [ -e /dev/nvidiactl ] || return 0
  root_args+=(--ro-bind /usr "$folder/usr"
              --symlink usr/lib "$folder/lib" --symlink usr/lib64 "$folder/lib64")
  while read -r name path; do
    path=$(readlink -f "$path")
    root_args+=(--symlink "$folder$path" "$folder/nvidia/$name")
  done < <(PATH=$PATH:/sbin:/usr/sbin ldconfig -p | awk '
    $1 ~ /^lib(cuda\.so|cudadebugger|nvidia-|nvcuvid|nvoptix)/ && /x86-64|AArch64/ && !seen[$1]++ {
      print $1, $NF
    }')
  root_args+=(--setenv LD_LIBRARY_PATH "$folder/nvidia")
}

# The user's language: made from its sources once, Debian installs none by default.
bind_locale () {
  local locale=${LC_ALL:-${LC_MESSAGES:-${LANG:-}}} name

  case $locale in
    ''|C|POSIX|C.*) root_args+=(--setenv LC_ALL C.UTF-8); return ;;
  esac
  name=${locale%%.*}
  if [ ! -d "$cache_dir/locales/$name.UTF-8" ]; then
    mkdir -p "$cache_dir/locales"
    bwrap "${root_args[@]}" -- localedef -i "$name" -f UTF-8 "$cache_dir/locales/$name.UTF-8" \
      </dev/null >/dev/null 2>&1
  fi
  if [ -d "$cache_dir/locales/$name.UTF-8" ]; then
    root_args+=(--setenv LOCPATH "$cache_dir/locales" --setenv LC_ALL "$name.UTF-8")
  else
    root_args+=(--setenv LC_ALL C.UTF-8)
  fi
}

# Fills root_args with what bwrap needs.
root_arguments () {
  local path top variable

  root_args=(--ro-bind "$root_dir" / --dev-bind /dev /dev --bind /proc /proc --bind /sys /sys
             --tmpfs /run)
  for path in /*; do
    top=${path#/}
    [[ ! -d $path || $root_keeps == *" $top "* ]] || bind_at "$path"
  done
  for path in /var/tmp /run/user /run/dbus /run/udev /run/systemd/resolve; do
    [ -e "$path" ] && bind_at "$path"
  done
  for path in /etc/passwd /etc/group /etc/hosts /etc/resolv.conf /etc/localtime /etc/pip.conf; do
    [ -e "$path" ] && bind_at "$path" "$path"
  done
  for path in /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt; do
    if [ -s "$path" ]; then
      bind_at "$path" /etc/ssl/certs/ca-certificates.crt
      break
    fi
  done
  # Buses want to know which machine this is.
  if grep -qsE '^[0-9a-f]{32}$' /etc/machine-id; then
    bind_at /etc/machine-id
  elif ! grep -qsE '^[0-9a-f]{32}$' "$root_dir/etc/machine-id"; then
    tr -d - </proc/sys/kernel/random/uuid >"$root_dir/etc/machine-id"
  fi
  # Places of our own that lie below a folder the root keeps.
  for path in "$source_dir" "$cache_dir" "$models_dir" "$runs_dir" "$HOME" "${TMPDIR:-}" \
              "${XDG_RUNTIME_DIR:-}" "$PWD"; do
    top=${path#/}
    if [ -d "$path" ] && [[ $root_keeps == *" ${top%%/*} "* ]]; then
      case $path/ in
        /var/tmp/*|/run/user/*|/dev/*|/proc/*|/sys/*|/usr/|/etc/|/var/|/run/) ;;
        *) bind_at "$path" ;;
      esac
    fi
  done
  # The host's paths of libraries and modules mean nothing here.
  for variable in LD_LIBRARY_PATH LD_PRELOAD PYTHONHOME PYTHONPATH PERL5LIB GTK_PATH GTK_MODULES \
                  GIO_MODULE_DIR GIO_EXTRA_MODULES GI_TYPELIB_PATH GDK_PIXBUF_MODULE_FILE \
                  GDK_PIXBUF_MODULEDIR GSETTINGS_SCHEMA_DIR XDG_DATA_DIRS XDG_CONFIG_DIRS LOCPATH; do
    root_args+=(--unsetenv "$variable")
  done
  root_args+=(--setenv PATH "$environment_path")
  # Settings are kept by the host's own service, or in a file where there is none to be reached.
  if [ ! -e /usr/share/dbus-1/services/ca.desrt.dconf.service ] \
      || [ ! -e "${XDG_RUNTIME_DIR:-/run/user/$(id -u)}/bus" ]; then
    root_args+=(--setenv GSETTINGS_BACKEND "${GSETTINGS_BACKEND:-keyfile}")
  fi
  bind_nvidia
  bind_locale
}

# inside_root [BWRAP OPTIONS] -- COMMAND…
inside_root () { bwrap "${root_args[@]}" "$@"; }

# Becomes COMMAND in the root, by way of attune-launch, which see.
exec_inside_root () {
  exec "$build_dir/build-aux/attune-launch" --announced bwrap "${root_args[@]}" -- "$@"
}
