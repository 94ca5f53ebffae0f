"""The table of requests that the processes of a web server share."""

from __future__ import annotations

import os
import subprocess
import sys

from samplecase.web.pages.tallies import RequestTallies

FORKED = """
import os, threading
from samplecase.web.pages.tallies import RequestTallies
tallies = RequestTallies()
tallies.count("/before/", "GET", "200", 0.02)

def work(own):
    for _ in range(2000):
        tallies.count("/shared/", "GET", "200", 0.5)
    tallies.count(own, "GET", "200", 20.0)

children = []
for number in range(3):
    if not (child := os.fork()):
        threads = [threading.Thread(target=work, args=(f"/own-{number}/",)) for _ in range(2)]
        [thread.start() for thread in threads]
        [thread.join() for thread in threads]
        os._exit(0)
    children.append(child)
for child in children:
    assert os.waitpid(child, 0)[1] == 0
print({each.route: (each.count, each.seconds) for each in tallies.all()})
"""


def test_processes_that_are_forked_count_in_one_table() -> None:
    done = subprocess.run(
        [sys.executable, "-c", FORKED], capture_output=True, text=True, check=False, env=dict(os.environ)
    )
    assert done.returncode == 0, done.stderr
    expected = {"/before/": (1, 0.02), "/shared/": (12000, 6000.0)}
    assert eval(done.stdout) == expected | {f"/own-{number}/": (2, 40.0) for number in range(3)}


def test_more_routes_than_fit_are_counted_together() -> None:
    tallies = RequestTallies(most=3)
    for number in range(6):
        tallies.count(f"/{number}/", "GET", "200", 0.001)
    tallies.count("/1/", "GET", "200", 0.001)
    assert {each.route: each.count for each in tallies.all()} == {"/0/": 1, "/1/": 2, "other": 4}


def test_each_request_falls_into_the_first_bucket_that_holds_it() -> None:
    tallies = RequestTallies()
    for seconds in (0.005, 0.006, 10.0, 11.0):
        tallies.count("/", "GET", "200", seconds)
    (tally,) = tallies.all()
    assert tally.buckets == (1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1)
