"""SQLite files from mutated ones: opened in memory, checked, read and written."""
import sqlite3
from fuzzing import fuzz, mutate

c = sqlite3.connect(':memory:')
c.executescript('''
create table t(a integer primary key, b text, c real, d blob); create index i on t(b, c);
create table u(x unique, y default 3); create view v as select a, b from t where c > 1; create trigger g after insert on t begin insert into u(x) values (new.a); end;''')
c.executemany('insert into t values (?, ?, ?, ?)', [(i, f'text {i}' * (i % 5), i / 3, b'blob' * (i % 300)) for i in range(60)])
c.commit()
IMAGE = c.serialize()
STATEMENTS = ['select * from t', 'select count(*), sum(c) from t where b > ?', 'select * from v order by b desc', 'pragma integrity_check(5)',
              'insert into t(b) values (?)', 'delete from u where x = ?', 'select * from sqlite_schema', 'update t set d = ?',
              'select b from t group by b having count(*) > 0', 'vacuum']
WORDS = [b'select', b'create table', b'CREATE INDEX', b'text', b'SQLite format 3\0']


def make(r):
    data = IMAGE
    if r.randrange(10):
        # The first page, where everything is described, more often than others.
        cut = r.choice((100, 4096, len(IMAGE)))
        data = mutate(r, IMAGE[:cut], WORDS)[:cut] + IMAGE[cut:]
    else:
        data = mutate(r, IMAGE)
    return data, [r.randrange(len(STATEMENTS)) for _ in range(3)]


def attempt(case):
    data, chosen = case
    out = []
    db = sqlite3.connect(':memory:')
    try:
        db.text_factory = bytes if len(data) % 2 else str
        db.deserialize(data)
        for i in chosen:
            try:
                q = STATEMENTS[i]
                rows = db.execute(q, ('x',) * q.count('?')).fetchall()
                out.append((len(rows), ascii(rows[:2])[:60]))
            except (sqlite3.Error, UnicodeError, OverflowError) as e:
                out.append(f'{type(e).__name__} {e}'[:80])
    finally:
        db.close()
    return out


fuzz('sqlite', make, attempt, (sqlite3.Error, UnicodeError, OverflowError, MemoryError))
