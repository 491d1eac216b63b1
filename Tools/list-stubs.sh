#!/bin/sh
# Lists the exported C functions of a gila executable that are still weak stubs: `Tools/list-stubs.sh [gila] [symbols.tsv]`.
# With a table of symbols (name, kind, number of packages, ...), those that wheels need stand first, with the number.
set -eu
gila=${1:-.build/release/gila}
table=${2:-}
stubs=$(nm --defined-only "$gila" | awk '$2 == "W" && $3 ~ /^_?Py|^gila_/ { print $3 }' | sort -u)
if [ -z "$table" ]; then
  echo "$stubs"
  exit
fi
echo "$stubs" | awk -F'\t' -v table="$table" '
  BEGIN { while ((getline line < table) > 0) { split(line, f, "\t"); need[f[1]] = f[3] } }
  { printf "%s\t%s\n", ($1 in need) ? need[$1] : 0, $1 }' | sort -rn
