#!/usr/bin/env bash
# Prepares a Debian 12 machine that has Swift 6.3 and git: the C libraries that Gila is built on, and Python's standard
# library (Lib/ of CPython 3.13, with its tests), which Gila uses as it is. Says nothing and changes nothing when all is
# there. `--no-lib` leaves Lib/ alone.
#
# Lib/ is taken from where it is already: GILA_STDLIB, a python3.13 on PATH, version managers, /usr. Where there is none,
# the packages of Debian's next release are downloaded with the machine's own apt sources and keys and unpacked, not
# installed, into ~/.local/share/gila.
set -eu

packages="libssl-dev zlib1g-dev libbz2-dev liblzma-dev libsqlite3-dev libffi-dev libexpat1-dev libreadline-dev"

missing=
for p in $packages; do
  dpkg-query -W -f '${Status}' "$p" 2> /dev/null | grep -q 'install ok installed' || missing="$missing $p"
done
if [ -n "$missing" ]; then
  root=
  [ "$(id -u)" = 0 ] || root=sudo
  echo "setup: installing$missing"
  $root apt-get -qq update
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $root apt-get -qq install -y --no-install-recommends $missing > /dev/null
fi
[ "${1:-}" != --no-lib ] || exit 0

# --- Lib/ ----------------------------------------------------------------------------------------------------------
into=${XDG_DATA_HOME:-$HOME/.local/share}/gila/stdlib-3.13
usable() {
  [ -r "$1/os.py" ] && [ -r "$1/encodings/utf_8.py" ] &&
    grep -q '^MAGIC_NUMBER = (3571)' "$1/importlib/_bootstrap_external.py" 2> /dev/null
}
if [ -n "${GILA_STDLIB:-}" ]; then
  usable "$GILA_STDLIB" && exit 0
  echo "setup: GILA_STDLIB is '$GILA_STDLIB', which is no Lib/ of CPython 3.13" >&2
  exit 1
fi
if command -v python3.13 > /dev/null; then
  lib=$(python3.13 -I -c 'import os; print(os.path.dirname(os.__file__))' 2> /dev/null) || lib=
  if [ -n "$lib" ] && usable "$lib"; then exit 0; fi
fi
for lib in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/lib/python3.13 "$HOME"/.local/share/uv/python/cpython-3.13*/lib/python3.13 \
  /usr/local/lib/python3.13 /usr/lib/python3.13 "$into/usr/lib/python3.13"; do
  if usable "$lib"; then exit 0; fi
done

echo "setup: downloading Python's standard library"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$work/parts" "$work/state/partial" "$work/cache/archives/partial" "$work/debs"
release=$(. /etc/os-release && echo "${VERSION_CODENAME:-bookworm}")
# The machine's own sources of its main archive, asking for the next release instead.
for f in /etc/apt/sources.list.d/*.sources; do
  [ -r "$f" ] || continue
  awk -v release="$release" '
    function flush() { if (text != "" && wanted) printf "%s\n\n", text; text = ""; wanted = 0 }
    /^[ \t]*$/ { flush(); next }
    /^#/ { next }
    /^Suites:/ { for (i = 2; i <= NF; i++) if ($i == release) wanted = 1; text = text "Suites: trixie\n"; next }
    /^Components:/ { text = text "Components: main\n"; next }
    { text = text $0 "\n" }
    END { flush() }' "$f" > "$work/parts/$(basename "$f")"
done
for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
  [ -r "$f" ] || continue
  awk -v release="$release" '$1 == "deb" { for (i = 2; i <= NF; i++) if ($i == release) {
      line = $1; for (j = 2; j < i; j++) line = line " " $j; print line, "trixie main" } }' "$f" \
    > "$work/parts/$(basename "$f")"
done
find "$work/parts" -empty -type f -delete
get() {
  apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/parts" -o Dir::Etc::Preferences=/dev/null \
    -o Dir::Etc::PreferencesParts=/dev/null -o Dir::State::Lists="$work/state" -o Dir::Cache="$work/cache" \
    -o Debug::NoLocking=1 -o APT::Sandbox::User="$(id -un)" "$@"
}
get update
(cd "$work/debs" && get download libpython3.13-stdlib libpython3.13-minimal libpython3.13-testsuite)
rm -rf "$into"
mkdir -p "$into"
for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$into"; done
# Links that lead out of the unpacked tree.
find "$into/usr/lib/python3.13" -maxdepth 1 -xtype l -delete
usable "$into/usr/lib/python3.13" || { echo "setup: what was downloaded is no Lib/ of CPython 3.13" >&2; exit 1; }
echo "setup: Lib/ is in $into/usr/lib/python3.13"
