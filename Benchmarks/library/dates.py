"""datetime: parsing, formatting, arithmetic."""
from datetime import date, datetime, timedelta, timezone
from measure import measure

texts = [f'20{i % 100:02}-0{i % 9 + 1}-1{i % 10}T0{i % 10}:{i % 60:02}:{i % 60:02}.{i % 1000000:06}+02:00' for i in range(100000)]
slow = [f'1{i % 10}/0{i % 9 + 1}/20{i % 100:02} 0{i % 10}:{i % 60:02}:{i % 60:02}' for i in range(8000)]
dates = [datetime.fromisoformat(t) for t in texts]


def arithmetic():
    d, step = datetime(2000, 1, 1), timedelta(hours=7, seconds=3)
    first = d
    for _ in range(300000):
        d = d + step
        if d - first > step:
            d.day


measure('datetime.fromisoformat', lambda: [datetime.fromisoformat(t) for t in texts])
measure('date.fromisoformat', lambda: [date.fromisoformat(t[:10]) for t in texts])
measure('datetime.strptime', lambda: [datetime.strptime(t, '%d/%m/%Y %H:%M:%S') for t in slow])
measure('datetime.strftime', lambda: [d.strftime('%Y-%m-%d %H:%M') for d in dates[:40000]])
measure('datetime.isoformat', lambda: [d.isoformat() for d in dates])
measure('datetime arithmetic', arithmetic)
measure('datetime astimezone', lambda: [d.astimezone(timezone.utc) for d in dates])
measure('datetime sort', sorted, dates)
