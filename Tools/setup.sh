#!/bin/sh
# Puts in place what Gila needs on a Debian 12: the C libraries' headers for building, and the Python half of the
# standard library (the Lib/ of CPython 3.13) for running.
#
#   usage: setup.sh [--tests] [--only-library | --only-packages]
#
# Says nothing when everything is there. Prints what it does on standard error. Packages are installed as root or
# with sudo. The library is looked for in the order of LibraryLocator.swift: $GILA_STDLIB, python3.13 on PATH,
# version managers, the usual prefixes, an earlier download; if there is none, Debian's packages of it are fetched
# into ${XDG_DATA_HOME:-~/.local/share}/gila/stdlib-3.13, unpacked and not installed. --tests wants Lib/test as well.
set -eu

headers="libssl-dev zlib1g-dev libbz2-dev liblzma-dev libsqlite3-dev libffi-dev libexpat1-dev libncurses-dev"
release=trixie
target=${XDG_DATA_HOME:-$HOME/.local/share}/gila/stdlib-3.13
tests= packages=yes library=yes
for argument; do
  case $argument in
    --tests) tests=yes ;;
    --only-library) packages= ;;
    --only-packages) library= ;;
    *) sed -n '2,11s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
  esac
done
note() { echo "setup: $*" >&2; }
fail() { note "$*"; exit 1; }

# --- headers -------------------------------------------------------------------

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"
  elif command -v sudo > /dev/null; then sudo "$@"
  else fail "run as root, or install sudo: $*"
  fi
}
install_headers() {
  absent=
  for p in $headers; do
    case $(dpkg-query -W -f '${Status}' "$p" 2> /dev/null) in
      "install ok installed") ;;
      *) absent="$absent $p" ;;
    esac
  done
  [ -n "$absent" ] || return 0
  note "installing$absent"
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive sh -c \
    'apt-get update -qq && apt-get install -qq -y --no-install-recommends "$@"' sh $absent > /dev/null
}

# --- the library ---------------------------------------------------------------

# A directory that LibraryLocator accepts.
is_library() {
  for f in os.py io.py abc.py site.py codecs.py encodings/__init__.py encodings/utf_8.py importlib/_bootstrap.py; do
    [ -r "$1/$f" ] || return 1
  done
  grep -qs '^MAGIC_NUMBER = (3571)' "$1/importlib/_bootstrap_external.py" || return 1
  [ -z "$tests" ] || [ -d "$1/test/support" ]
}
# The library beside the first real python3.13 on PATH (a version manager's shim has none beside it).
beside_python() {
  old_ifs=$IFS; IFS=:
  for d in $PATH; do
    [ -x "$d/python3.13" ] || continue
    p=$(readlink -f "$d/python3.13") && echo "${p%/bin/*}/lib/python3.13"
  done
  IFS=$old_ifs
}
candidates() {
  beside_python
  data=${XDG_DATA_HOME:-$HOME/.local/share}
  for d in "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/lib/python3.13 \
    "${UV_PYTHON_INSTALL_DIR:-$data/uv/python}"/cpython-3.13*/lib/python3.13 \
    "${ASDF_DATA_DIR:-$HOME/.asdf}"/installs/python/3.13*/lib/python3.13 \
    "${MISE_DATA_DIR:-$data/mise}"/installs/python/3.13*/lib/python3.13 \
    /usr/local/lib/python3.13 /usr/lib/python3.13 "$target/usr/lib/python3.13"; do
    echo "$d"
  done
}
has_library() {
  if [ -n "${GILA_STDLIB:-}" ]; then
    is_library "$GILA_STDLIB" || fail "GILA_STDLIB is '$GILA_STDLIB', which is no usable library of CPython 3.13"
    return 0
  fi
  candidates | while IFS= read -r d; do
    if is_library "$d"; then echo yes; break; fi
  done | grep -q yes
}

# The machine's own sources of Debian's main archive, for another release: address and key stay as they are, so apt
# checks signatures as it always does. Options that would switch that off are left behind.
other_release() {
  here=$(. /etc/os-release; [ "${ID:-}" = debian ] && echo "${VERSION_CODENAME:-}" || echo "${DEBIAN_CODENAME:-}")
  [ -n "$here" ] || fail "this is no Debian: install Python 3.13, or set GILA_STDLIB"
  for f in /etc/apt/sources.list /etc/apt/sources.list.d/*.list; do
    [ -r "$f" ] || continue
    awk -v here="$here" -v release="$release" '
      $1 == "deb" {
        key = ""; i = 2
        if ($2 ~ /^\[/) {
          for (; i <= NF; i++) {
            word = $i; gsub(/[][]/, "", word)
            if (word ~ /^signed-by=/) key = "[" word "] "
            if ($i ~ /\]$/) { i++; break }
          }
        }
        if ($(i + 1) == here) print "deb " key $i " " release " main"
      }' "$f"
  done > "$work/sources.d/lines.list"
  for f in /etc/apt/sources.list.d/*.sources; do
    [ -r "$f" ] || continue
    awk -v here="$here" -v release="$release" '
      function done_with_it() {
        if (wanted && binary) printf "Types: deb\nSuites: %s\nComponents: main\n%s\n", release, kept
        wanted = binary = 0; kept = ""; keeps = 0
      }
      /^[ \t]*$/ { done_with_it(); next }
      /^#/ { next }
      /^[ \t]/ { if (keeps) kept = kept $0 "\n"; next }
      { keeps = 0 }
      /^Types:/ { binary = / deb( |$)/ }
      /^Suites:/ { for (i = 2; i <= NF; i++) if ($i == here) wanted = 1 }
      /^(URIs|Signed-By):/ { kept = kept $0 "\n"; keeps = 1 }
      END { done_with_it() }' "$f"
  done > "$work/sources.d/stanzas.sources"
  find "$work/sources.d" -size 0 -delete
  [ -n "$(ls "$work/sources.d")" ] || fail "apt has no source of Debian's main archive for $here"
}
apt_apart() {
  apt-get -qq -o Dir::Etc::SourceList=/dev/null -o Dir::Etc::SourceParts="$work/sources.d" \
    -o Dir::Etc::PreferencesParts="$work/empty" -o Dir::Etc::Preferences=/dev/null \
    -o Dir::State::Lists="$work/lists" -o Dir::Cache="$work/cache" -o APT::Sandbox::User=root \
    -o Acquire::AllowInsecureRepositories=false -o APT::Get::AllowUnauthenticated=false \
    -o Acquire::Languages=none -o Debug::NoLocking=1 "$@"
}
fetch_library() {
  for tool in apt-get dpkg-deb awk; do
    command -v $tool > /dev/null || fail "no library of Python 3.13 here, and no $tool to fetch it with"
  done
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work/sources.d" "$work/empty" "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/root"
  other_release
  note "fetching the library of Python 3.13 from Debian $release"
  apt_apart update
  (cd "$work/debs" && apt_apart download libpython3.13-minimal libpython3.13-stdlib libpython3.13-testsuite)
  for deb in "$work"/debs/*.deb; do dpkg-deb -x "$deb" "$work/root"; done
  find "$work/root" -xtype l -delete
  is_library "$work/root/usr/lib/python3.13" || fail "the packages hold no usable library"
  [ ! -e "$target" ] || [ -e "$target/.from-debian" ] || fail "$target is in the way"
  rm -rf "$target"
  mkdir -p "$(dirname "$target")"
  touch "$work/root/.from-debian"
  chmod 755 "$work/root"
  cp -a "$work/root" "$target"
  note "the library is in $target"
}

[ -z "$packages" ] || install_headers
[ -z "$library" ] || has_library || fetch_library
