# SPDX-License-Identifier: GPL-3.0-or-later
#
# build-aux/run --install and --uninstall: menu entry, icons, metainfo, schema and what a click on a
# notification starts, in the user's own folders and going through build-aux/run, so that it works in
# any environment.

menu_id=io.github.attune_text.Attune
menu_dir=${XDG_DATA_HOME:-$HOME/.local/share}
menu_files=(
  "applications/$menu_id.desktop"
  "dbus-1/services/$menu_id.service"
  "metainfo/$menu_id.metainfo.xml"
  "glib-2.0/schemas/$menu_id.gschema.xml"
  "icons/hicolor/scalable/apps/$menu_id.svg"
  "icons/hicolor/symbolic/apps/$menu_id-symbolic.svg"
)

# quoted PATH: as an argument of Exec in a desktop file or a D-Bus service, which is unescaped twice.
quoted () {
  local text=$1

  text=${text//\\/\\\\}
  text=${text//\"/\\\"}
  text=${text//\`/\\\`}
  text=${text//\$/\\\$}
  printf '"%s"' "${text//\\/\\\\}"
}

refresh_menu () {
  if command -v update-desktop-database >/dev/null; then
    update-desktop-database -q "$menu_dir/applications" >&2
  fi
  if command -v gtk-update-icon-cache >/dev/null \
      && [ -e "$menu_dir/icons/hicolor/index.theme" ]; then
    gtk-update-icon-cache -q "$menu_dir/icons/hicolor" >&2
  fi
  if command -v glib-compile-schemas >/dev/null; then
    glib-compile-schemas "$menu_dir/glib-2.0/schemas" >/dev/null 2>&1
  fi
  return 0
}

install_menu_entry () {
  local file from program exec_line temporary

  say "Adding Attune to the menu in $menu_dir"
  program=$(quoted "$source_dir/build-aux/run")
  for file in "${menu_files[@]}"; do
    case $file in
      *.desktop|*.metainfo.xml|*.service) from=$build_dir/data/${file##*/} ;;
      icons/*) from=$source_dir/data/$file ;;
      *) from=$source_dir/data/${file##*/} ;;
    esac
    mkdir -p "$menu_dir/${file%/*}" || fail "Cannot write to $menu_dir/${file%/*}."
    temporary=$menu_dir/$file.new
    case $file in
      *.desktop) exec_line="Exec=${program//%/%%} attune %F" ;;
      *.service) exec_line="Exec=$program attune --gapplication-service" ;;
      *) exec_line= ;;
    esac
    if [ -n "$exec_line" ]; then
      EXEC_LINE=$exec_line awk '/^Exec=/ { print ENVIRON["EXEC_LINE"]; next } { print }' \
        "$from" >"$temporary"
    else
      cp "$from" "$temporary"
    fi && mv "$temporary" "$menu_dir/$file" || fail "Cannot write $menu_dir/$file."
  done
  refresh_menu
}

uninstall_menu_entry () {
  local file

  say "Taking Attune out of the menu in $menu_dir"
  for file in "${menu_files[@]}"; do
    rm -f "$menu_dir/$file"
  done
  refresh_menu
}
