#!/bin/sh
# Compiles the extension against the headers of a CPython 3.13 installation: `build.sh DIRECTORY [PYTHON-CONFIG]`.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
into=$1
config=${2:-python3.13-config}
mkdir -p "$into"
cc -O2 -Wall -Wno-unused-parameter -Wno-missing-field-initializers -fPIC -shared $("$config" --includes) \
  -o "$into/proof.cpython-313-x86_64-linux-gnu.so" "$here/proof.c"
