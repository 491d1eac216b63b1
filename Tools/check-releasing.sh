#!/usr/bin/env bash
# Compares the table in Documentation/Releasing.md with the sources: each reason that code gives to `releasingLock`,
# `retryingInterrupts` or a function that passes one on must be in the table, and the other way round.
cd "$(dirname "$0")/.." || exit 1
in_sources=$(
  {
    grep -rhoE '(releasingLock|retryingInterrupts|retryingNumber)\("[^"]+"' Sources --include='*.swift'
    grep -rhoE 'reason: StaticString = "[^"]+"' Sources --include='*.swift'
    # Sockets and TLS pass the reason through a function of their own.
    grep -rhoE '\.call\("[a-z]+", writing' Sources/GilaModulesSystem/Socket
    grep -rhoE 'operate\($|operate\("[^"]+"|^ +"SSL_[a-z]+", ' Sources/GilaModulesLibraries/TLS | grep SSL_
  } | sed -E 's/^[^"]*"([^"]+)".*/\1/' | sort -u
)
in_table=$(grep -oE '^\| `[^|]+' Documentation/Releasing.md | grep -oE '`[^`]+`' | tr -d '`' | sort -u)
missing=$(comm -23 <(echo "$in_sources") <(echo "$in_table"))
extra=$(comm -13 <(echo "$in_sources") <(echo "$in_table"))
[ -z "$missing" ] || sed 's/^/not in the table: /' <<< "$missing"
[ -z "$extra" ] || sed 's/^/only in the table: /' <<< "$extra"
[ -z "$missing$extra" ]
