"""Tests of the dashboard: its file is what dashboard.py makes, and every query finds what the program exported from --demo.

The second wants the program (FITBIT_HR, else target/release/fitbit-hr) and influxd (Debian's package influxdb); where one is
missing it says that it was skipped, and in CI that is a failure.
"""

import datetime
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse
import urllib.request
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER / "grafana"))

import dashboard  # noqa: E402

PROGRAM = Path(os.environ.get("FITBIT_HR", FOLDER.parent / "target/release/fitbit-hr")).resolve()
DAYS = 20
CONFIGURATION = """
bind-address = "127.0.0.1:{backup}"
reporting-disabled = true
[meta]
dir = "{folder}/meta"
[data]
dir = "{folder}/data"
wal-dir = "{folder}/wal"
[http]
bind-address = "127.0.0.1:{http}"
log-enabled = false
"""


def free_port():
    """A port that nobody has at this moment."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Influx:
    """A database of this test's own, on the loopback interface."""

    def __init__(self, folder):
        self.port = free_port()
        configuration = Path(folder) / "influxd.conf"
        configuration.write_text(CONFIGURATION.format(folder=folder, http=self.port, backup=free_port()))
        words = ["influxd", "-config", str(configuration)]
        self.process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(200):
            try:
                self.ask("CREATE DATABASE health", post=True)
                return
            except OSError:
                time.sleep(0.1)
        raise AssertionError("influxd does not answer")

    def ask(self, query, post=False):
        """What it answers to InfluxQL: the series."""
        words = urllib.parse.urlencode({"db": "health", "q": query})
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}/query?{words}", method="POST" if post else "GET")
        with urllib.request.urlopen(request) as answer:
            result = json.load(answer)["results"][0]
        if "error" in result:
            raise AssertionError(f"{query}: {result['error']}")
        return result.get("series", [])

    def write(self, lines):
        """Line protocol."""
        urllib.request.urlopen(f"http://127.0.0.1:{self.port}/write?db=health", data=lines).close()

    def stop(self):
        """Ends it."""
        self.process.terminate()
        self.process.wait()


def asked(query, first, last):
    """The query as Grafana sends it for a range of days."""
    limits = f"time >= '{first}T00:00:00Z' AND time <= '{last}T23:59:59Z'"
    return query.replace("$timeFilter", limits).replace("$__interval", "15m")


def export(folder, first, last):
    """Line protocol of every series of made-up days."""
    home = Path(folder) / "home"
    home.mkdir()
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(home), "FITBIT_HR_STATE_DIR": str(home)}
    common = [PROGRAM, "--demo", "-q"]
    for words in (
        ["sync", "--extract", "all", "--detail", "1min", "--from", first, "--to", last],
        ["export", "--extract", "all", "--format", "influx", "-o", "influx/"],
    ):
        subprocess.run([*common, *words], cwd=folder, env=surroundings, check=True)
    return sorted((Path(folder) / "influx").glob("*.influx"))


class Dashboard(unittest.TestCase):
    def test_the_file_is_what_the_script_makes(self):
        kept = (FOLDER / "grafana/dashboards/fitbit-hr.json").read_text()
        self.assertEqual(kept, dashboard.text(), "run packaging/grafana/dashboard.py > packaging/grafana/dashboards/fitbit-hr.json")

    def test_panels_lie_beside_each_other(self):
        taken = set()
        for panel in dashboard.panels():
            place = panel["gridPos"]
            cells = {(x, y) for x in range(place["x"], place["x"] + place["w"]) for y in range(place["y"], place["y"] + place["h"])}
            self.assertFalse(taken & cells, panel["title"])
            self.assertLessEqual(place["x"] + place["w"], 24, panel["title"])
            taken |= cells

    def test_its_data_source_is_the_one_that_is_provisioned(self):
        provisioned = (FOLDER / "grafana/provisioning/datasources/fitbit-hr.yaml").read_text()
        self.assertIn(f"\n    uid: {dashboard.SOURCE['uid']}\n", provisioned)
        self.assertIn(f"\n    type: {dashboard.SOURCE['type']}\n", provisioned)
        database = re.search(r"dbName: (\w+)", provisioned)[1]
        self.assertIn(f"INFLUXDB_DB: {database}\n", (FOLDER / "compose.yaml").read_text())

    def test_every_query_finds_what_was_exported(self):
        missing = [name for name, there in [("influxd", shutil.which("influxd")), (PROGRAM, PROGRAM.exists())] if not there]
        if missing and not os.environ.get("CI"):
            self.skipTest(f"no {missing[0]} here")
        self.assertFalse(missing)
        last = datetime.date(2026, 6, 30)
        first = last - datetime.timedelta(days=DAYS - 1)
        with tempfile.TemporaryDirectory() as folder:
            influx = Influx(folder)
            try:
                for file in export(folder, str(first), str(last)):
                    influx.write(file.read_bytes())
                self.look(influx, first, last)
            finally:
                influx.stop()

    def look(self, influx, first, last):
        """Every query has values, and no more than one a day where it is by the day."""
        for panel in dashboard.panels():
            for target in panel["targets"]:
                with self.subTest(panel=panel["title"], query=target["refId"]):
                    series = influx.ask(asked(target["query"], first, last))
                    values = [row[1] for one in series for row in one["values"] if row[1] is not None]
                    self.assertTrue(values, target["query"])
                    if "time(1d)" in target["query"]:
                        self.assertTrue(all(len(one["values"]) <= DAYS for one in series))


if __name__ == "__main__":
    unittest.main()
