"""SQLite: inserts and selects."""
import sqlite3
from measure import measure

rows = [(i, f'name {i}', i / 3, b'blob') for i in range(100000)]


def create():
    c = sqlite3.connect(':memory:')
    c.execute('create table t(a integer primary key, b text, c real, d blob)')
    return c


def insert_many():
    c = create()
    with c:
        c.executemany('insert into t values (?, ?, ?, ?)', rows)
    c.close()


def insert_each():
    c = create()
    with c:
        for r in rows[:50000]:
            c.execute('insert into t values (?, ?, ?, ?)', r)
    c.close()


full = create()
full.executemany('insert into t values (?, ?, ?, ?)', rows)


def select_each():
    for i in range(50000):
        full.execute('select b, c from t where a = ?', (i,)).fetchone()


def select_rows():
    full.row_factory = sqlite3.Row
    for r in full.execute('select a, b from t'):
        r['b']
    full.row_factory = None


full.create_function('twice', 1, lambda x: x * 2)
measure('sqlite insert many', insert_many)
measure('sqlite insert each', insert_each)
measure('sqlite select all', lambda: full.execute('select * from t').fetchall())
measure('sqlite select each', select_each)
measure('sqlite select Row', select_rows)
measure('sqlite function', lambda: full.execute('select sum(twice(a)) from t').fetchone())
