#!/usr/bin/env bash
# Prints the path of a CPython 3.13 that has its headers, or nothing.
for p in "${PYTHON:-}" "$(command -v python3.13 2> /dev/null)" "${PYENV_ROOT:-$HOME/.pyenv}"/versions/3.13*/bin/python3.13; do
  [ -n "$p" ] && [ -x "$p" ] || continue
  include=$("$p" -c 'import sysconfig; print(sysconfig.get_path("include"))' 2> /dev/null) || continue
  [ -f "$include/Python.h" ] && [ -x "$p-config" ] && echo "$p" && exit 0
done
exit 0
