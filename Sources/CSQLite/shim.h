// SQLite 3, as Debian's libsqlite3-dev has it.
#pragma once
#include <sqlite3.h>
// A variadic function, with the arguments that switches take.
static inline int gila_sqlite_config(sqlite3 *db, int op, int value, int *now) {
  return sqlite3_db_config(db, op, value, now);
}
