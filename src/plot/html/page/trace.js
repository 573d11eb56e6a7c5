// The samples of the page and their clock: decoding, binning to pixels, and marks on the axis. Nothing here draws.
"use strict";

const Trace = (() => {
  const MINUTE = 60, HOUR = 3600, DAY = 86400;

  function decode(data) {
    const text = atob(data.values);
    const values = new Uint16Array(text.length / data.width);
    for (let i = 0; i < values.length; i++) {
      const low = text.charCodeAt(i * data.width);
      const value = data.width === 1 ? low : low + 256 * text.charCodeAt(i * 2 + 1);
      values[i] = value === 0 ? 0 : value + data.base;
    }
    return values;
  }

  // The entry of an ascending list of [x, value] that holds at x.
  function holding(list, x) {
    let low = 0, high = list.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (list[middle][0] <= x) low = middle; else high = middle - 1;
    }
    return list[low];
  }

  // Columns with lowest, mean and highest bpm between two slots, and null where there is a gap between two columns.
  function bin(values, gaps, first, last, columns) {
    const size = Math.max(1, (last - first) / columns);
    const xs = [], lows = [], means = [], highs = [];
    let before = -1, column = -1, count = 0, sum = 0, low = 0, high = 0, at = 0;
    const close = () => {
      if (count > 0) { xs.push(at / count); lows.push(low); means.push(sum / count); highs.push(high); }
      count = 0; sum = 0; at = 0;
    };
    for (let slot = Math.max(0, first); slot < Math.min(values.length, last); slot++) {
      const bpm = values[slot];
      if (bpm === 0) continue;
      const gap = before >= 0 && slot - before > holding(gaps, slot)[1];
      // Counted from the first sample of all, so that columns hold the same samples wherever the view begins.
      const own = Math.floor(slot / size);
      if (gap || own !== column) close();
      if (gap) { xs.push((before + slot) / 2); lows.push(null); means.push(null); highs.push(null); }
      if (count === 0) { low = bpm; high = bpm; }
      else { if (bpm < low) low = bpm; if (bpm > high) high = bpm; }
      count++; sum += bpm; at += slot;
      column = own; before = slot;
    }
    close();
    return [xs, highs, lows, means];
  }

  // What lies between two slots: {count, low, high, mean}, or null.
  function between(values, first, last) {
    let count = 0, sum = 0, low = Infinity, high = 0;
    for (let slot = Math.max(0, first); slot < Math.min(values.length, last); slot++) {
      const bpm = values[slot];
      if (bpm === 0) continue;
      count++; sum += bpm; low = Math.min(low, bpm); high = Math.max(high, bpm);
    }
    return count === 0 ? null : { count, low, high, mean: sum / count };
  }

  // The wall clock, in seconds as if it were UTC, x seconds after the first day began.
  function clock(stretches, x) {
    const stretch = holding(stretches, x);
    return stretch[1] + (x - stretch[0]);
  }

  const STEPS = [1, 5, 10, 30, MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY, 2 * DAY, 7 * DAY];
  const MONTHS = [1, 2, 3, 6, 12, 24, 60];

  // Marks between two x, at most `most`: [x, wall clock], at full steps of the wall clock, and the step in seconds.
  function marks(stretches, from, to, most) {
    const length = to - from;
    const step = STEPS.find((step) => length / step <= most);
    const found = step === undefined
      ? months(stretches, from, to, MONTHS.find((m) => length / (m * 30 * DAY) <= most) || 120)
      : steps(stretches, from, to, step);
    return { step: step || 30 * DAY, marks: found };
  }

  function steps(stretches, from, to, step) {
    const found = [];
    // 1970-01-05 was a Monday.
    const origin = step >= 2 * DAY ? 4 * DAY : 0;
    stretches.forEach(([begin, wall], index) => {
      const end = index + 1 < stretches.length ? stretches[index + 1][0] : Infinity;
      const left = Math.max(begin, from), right = Math.min(end, to);
      if (left > right) return;
      let mark = Math.ceil((wall + left - begin - origin) / step) * step + origin;
      for (; mark - wall + begin <= right; mark += step) {
        const x = mark - wall + begin;
        if (x < end) found.push([x, mark]);
      }
    });
    return found;
  }

  function months(stretches, from, to, step) {
    const found = [];
    const start = new Date(clock(stretches, from) * 1000);
    let month = start.getUTCFullYear() * 12 + start.getUTCMonth();
    month = Math.ceil(month / step) * step;
    for (; found.length < 1000; month += step) {
      const wall = Date.UTC(Math.floor(month / 12), month % 12, 1) / 1000;
      const stretch = [...stretches].reverse().find(([, begin]) => begin <= wall) || stretches[0];
      const x = stretch[0] + wall - stretch[1];
      if (x > to) break;
      if (x >= from) found.push([x, wall]);
    }
    return found;
  }

  return { decode, bin, between, clock, marks, DAY, HOUR, MINUTE };
})();
