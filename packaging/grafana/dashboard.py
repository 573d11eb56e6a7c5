#!/usr/bin/env python3
"""Makes the dashboard that Grafana shows: `dashboard.py > dashboards/fitbit-hr.json`.

Its queries are InfluxQL, over what `fitbit-hr export --format influx` writes: a measurement for each series, its values as fields.
Standard library only.
"""

import json
import sys

SOURCE = {"type": "influxdb", "uid": "fitbit-hr"}
# Zones and stages in the colours of the program's own pictures, as far as Grafana has names for them.
COLOURS = {"Deep": "dark-blue", "Light": "blue", "REM": "light-blue", "Awake": "orange"}


def over_time(what, measurement, every="$__interval", where=""):
    """A query for a curve."""
    return f'SELECT {what} FROM "{measurement}" WHERE $timeFilter{where} GROUP BY time({every}) fill(null)'


def latest(what, measurement, where=""):
    """A query for the last value of the range."""
    return f'SELECT last({what}) FROM "{measurement}" WHERE $timeFilter{where}'


def target(index, query, name=None):
    """One query of a panel, under a name."""
    return {
        "refId": "ABCDEFGH"[index],
        "datasource": SOURCE,
        "rawQuery": True,
        "query": query,
        "resultFormat": "time_series",
        "alias": name or "$col",
    }


def panel(kind, title, queries, unit, place, **more):
    """A panel; `queries` are pairs of a name and a query, `place` is left, top, width and height of a grid of 24."""
    left, top, width, height = place
    overrides = [
        {"matcher": {"id": "byName", "options": name}, "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": COLOURS[name]}}]}
        for name, _ in queries
        if name in COLOURS
    ]
    return {
        "type": kind,
        "title": title,
        "datasource": SOURCE,
        "gridPos": {"x": left, "y": top, "w": width, "h": height},
        "fieldConfig": {"defaults": {"unit": unit, **more.pop("defaults", {})}, "overrides": overrides},
        "options": more.pop("options", {}),
        "targets": [target(index, query, name) for index, (name, query) in enumerate(queries)],
        **more,
    }


def number(title, query, unit, left, **more):
    """A number of the top row."""
    options = {"reduceOptions": {"calcs": ["lastNotNull"], "fields": "", "values": False}, "graphMode": "area", "colorMode": "value"}
    return panel("stat", title, [(title, query)], unit, (left, 0, 4, 4), options=options, **more)


def curves(title, queries, unit, place, **custom):
    """Curves, or bars, over time."""
    custom = {"spanNulls": 172800000, "showPoints": "auto", "lineWidth": 1, "fillOpacity": 8} | custom
    options = {"legend": {"displayMode": "list", "placement": "bottom", "showLegend": True, "calcs": []}, "tooltip": {"mode": "multi", "sort": "none"}}
    return panel("timeseries", title, queries, unit, place, options=options, defaults={"custom": custom})


def bars(title, queries, unit, place, stacked=False):
    """A bar a day."""
    stacking = {"mode": "normal" if stacked else "none", "group": "A"}
    return curves(title, queries, unit, place, drawStyle="bars", fillOpacity=80, lineWidth=0, stacking=stacking)


def sleep(seconds, what='"main" = true'):
    """Of the main sleep of each day."""
    return f'SELECT sum("{seconds}") FROM "sleep" WHERE $timeFilter AND {what} GROUP BY time(1d) fill(none)'


def panels():
    """All of them, from top to bottom."""
    zones = 'SELECT sum("minutes") FROM "zone_minutes" WHERE $timeFilter GROUP BY time(1d), "zone" fill(none)'
    return [
        number("Latest heart rate", latest('"bpm"', "heart_rate"), "none", 0),
        number("Resting heart rate", latest('"bpm"', "resting_heart_rate"), "none", 4),
        number("Last night's sleep", latest('"asleep_s"', "sleep"), "s", 8),
        number("Heart-rate variability", latest('"rmssd_ms"', "hrv_daily"), "ms", 12),
        number("Oxygen saturation", latest('"percent"', "spo2_daily"), "percent", 16),
        number("Weight", latest('"weight_g"', "weight"), "massg", 20),
        curves(
            "Heart rate",
            [
                ("highest", over_time('max("bpm")', "heart_rate")),
                ("mean", over_time('mean("bpm")', "heart_rate")),
                ("lowest", over_time('min("bpm")', "heart_rate")),
            ],
            "none",
            (0, 4, 24, 10),
            # A gap longer than an hour is a band that was not worn.
            spanNulls=3600000,
        ),
        curves("Resting heart rate", [("bpm", over_time('mean("bpm")', "resting_heart_rate", "1d"))], "none", (0, 14, 12, 8)),
        curves(
            "Heart-rate variability at night",
            [
                ("whole night", over_time('mean("rmssd_ms")', "hrv_daily", "1d")),
                ("deep sleep", over_time('mean("deep_rmssd_ms")', "hrv_daily", "1d")),
            ],
            "ms",
            (12, 14, 12, 8),
        ),
        bars(
            "Sleep",
            [("Deep", sleep("deep_s")), ("Light", sleep("light_s")), ("REM", sleep("rem_s")), ("Awake", sleep("awake_s"))],
            "s",
            (0, 22, 12, 8),
            stacked=True,
        ),
        bars("Steps", [("steps", over_time('sum("steps")', "steps", "1d"))], "none", (12, 22, 12, 8)),
        curves(
            "Oxygen saturation at night",
            [
                ("highest", over_time('mean("high")', "spo2_daily", "1d")),
                ("mean", over_time('mean("percent")', "spo2_daily", "1d")),
                ("lowest", over_time('mean("low")', "spo2_daily", "1d")),
            ],
            "percent",
            (0, 30, 8, 8),
        ),
        curves("Breaths per minute at night", [("breaths", over_time('mean("breaths_per_min")', "breathing_daily", "1d"))], "none", (8, 30, 8, 8)),
        curves("Skin temperature, from the usual", [("deviation", over_time('mean("deviation_c")', "skin_temperature", "1d"))], "celsius", (16, 30, 8, 8)),
        bars("Active zone minutes", [("$tag_zone", zones)], "m", (0, 38, 12, 8), stacked=True),
        curves("Weight", [("weight", over_time('mean("weight_g")', "weight", "1d"))], "massg", (12, 38, 12, 8)),
    ]


def dashboard():
    """The whole document."""
    made = [{"id": number, **panel} for number, panel in enumerate(panels(), 1)]
    return {
        "uid": "fitbit-hr",
        "title": "Heart rate, sleep and the rest",
        "description": "What fitbit-hr brought in.",
        "tags": ["fitbit-hr"],
        "editable": True,
        "graphTooltip": 1,
        "schemaVersion": 39,
        "timezone": "browser",
        "time": {"from": "now-30d", "to": "now"},
        "timepicker": {},
        "refresh": "15m",
        "templating": {"list": []},
        "annotations": {"list": []},
        "panels": made,
    }


def text():
    """The file as it stands in the tree."""
    return json.dumps(dashboard(), indent=2) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
