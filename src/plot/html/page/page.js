// The chart of the page: drawn by uPlot, moved by wheel, pointer, touch and keys, read out in words.
"use strict";

(() => {
  const { DAY, HOUR, MINUTE } = Trace;
  const data = JSON.parse(document.getElementById("data").textContent);
  const values = Trace.decode(data);
  const length = data.length;
  const place = document.getElementById("plot");
  const readout = document.getElementById("readout");
  const view = document.getElementById("view");
  const query = window.matchMedia("(prefers-color-scheme: dark)");
  const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const HEIGHT = 380;
  // A view holds at least so many slots.
  const LEAST = 30 * data.step;

  let from = 0, to = length, at = null, pending = false, colors;

  function readColors() {
    const style = getComputedStyle(document.documentElement);
    const color = (name) => style.getPropertyValue("--" + name).trim();
    colors = {
      curve: color("curve"), band: color("band"), resting: color("resting"), muted: color("muted"), grid: color("grid"),
      axis: color("axis"), zones: [null, color("zone1"), color("zone2"), color("zone3")],
    };
  }

  const two = (number) => String(number).padStart(2, "0");
  const date = (x) => new Date(Trace.clock(data.stretches, x) * 1000);
  const time = (d, seconds) => two(d.getUTCHours()) + ":" + two(d.getUTCMinutes()) + (seconds ? ":" + two(d.getUTCSeconds()) : "");
  const dayName = (d) => WEEKDAYS[d.getUTCDay()] + " " + d.getUTCDate() + " " + MONTHS[d.getUTCMonth()] + " " + d.getUTCFullYear();
  const moment = (x, seconds) => dayName(date(x)) + " " + time(date(x), seconds);

  // The page ends with a day, not within one.
  const isMidnight = (x) => x === length && Trace.clock(data.stretches, x) % DAY === 0;

  function markText([x, wall], step, first) {
    if (isMidnight(x) && step < DAY) return "24:00";
    const d = new Date(wall * 1000);
    const clock = time(d, step < MINUTE);
    const midnight = wall % DAY === 0;
    const day = d.getUTCDate() + " " + MONTHS[d.getUTCMonth()];
    if (step >= 28 * DAY) return (d.getUTCMonth() === 0 ? "" : MONTHS[d.getUTCMonth()] + "\n") + (first || d.getUTCMonth() === 0 ? d.getUTCFullYear() : "");
    if (step >= DAY) return day + (first ? "\n" + d.getUTCFullYear() : "");
    return clock + (first || midnight ? "\n" + WEEKDAYS[d.getUTCDay()] + " " + day : "");
  }

  function span() {
    const a = date(from), b = date(Math.max(from, to - 0.001));
    const seconds = to - from < HOUR;
    const days = to - from >= 3 * DAY;
    if (days) return dayName(a) + " – " + dayName(b);
    const end = dayName(a) === dayName(b) ? "" : dayName(b) + " ";
    return moment(from, seconds) + " – " + end + (isMidnight(to) ? "24:00" : time(date(to), seconds));
  }

  function binned(width) {
    const first = Math.floor(from / data.step), last = Math.ceil(to / data.step);
    // One more slot on each side, so that the line goes on beyond the edge.
    const reach = Math.max(1, Math.ceil((last - first) / 50));
    const columns = Math.max(1, Math.round(width * (1 + 2 * reach / (last - first))));
    const [xs, highs, lows, means] = Trace.bin(values, data.gaps, first - reach, last + reach, columns);
    for (let i = 0; i < xs.length; i++) xs[i] *= data.step;
    return [xs, highs, lows, means];
  }

  function drawZones(u) {
    const { ctx, bbox } = u;
    ctx.save();
    data.zones.forEach((zone, index) => {
      const color = colors.zones[Math.min(index, 3)];
      if (!color) return;
      const top = u.valToPos(Math.min(zone.max ?? data.high, data.high), "y", true);
      const bottom = u.valToPos(Math.max(zone.min ?? data.low, data.low), "y", true);
      if (bottom <= top) return;
      ctx.fillStyle = color;
      ctx.fillRect(bbox.left, top, bbox.width, bottom - top);
    });
    ctx.restore();
  }

  function drawLevels(u) {
    const { ctx, bbox } = u;
    ctx.save();
    ctx.beginPath();
    ctx.rect(bbox.left, bbox.top, bbox.width, bbox.height);
    ctx.clip();
    ctx.lineWidth = 1.5 * devicePixelRatio;
    ctx.strokeStyle = colors.resting;
    ctx.setLineDash([6 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const [begin, end, bpm] of data.resting) {
      if (end < from || begin > to) continue;
      const y = u.valToPos(bpm, "y", true);
      ctx.beginPath();
      ctx.moveTo(u.valToPos(begin, "x", true), y);
      ctx.lineTo(u.valToPos(end, "x", true), y);
      ctx.stroke();
    }
    ctx.lineWidth = devicePixelRatio;
    ctx.strokeStyle = colors.axis;
    ctx.setLineDash([2 * devicePixelRatio, 4 * devicePixelRatio]);
    for (const [x] of data.stretches.slice(1)) {
      const left = u.valToPos(x, "x", true);
      ctx.beginPath();
      ctx.moveTo(left, bbox.top);
      ctx.lineTo(left, bbox.top + bbox.height);
      ctx.stroke();
    }
    ctx.restore();
  }

  let marks = { step: DAY, marks: [] };
  const font = "12px system-ui, sans-serif";
  const axis = { font, stroke: () => colors.muted, grid: { stroke: () => colors.grid, width: 1 }, ticks: { stroke: () => colors.axis, width: 1, size: 5 } };
  const mouse = (u, target, handler) => (event) => { if (event.button === 0 && !event.shiftKey) handler(event); };
  const options = {
    width: place.clientWidth || 900, height: HEIGHT, legend: { show: false },
    padding: [10, 30, 0, 0],
    cursor: { y: false, points: { show: false }, drag: { x: true, y: false, setScale: false, dist: 4 }, bind: { mousedown: mouse, dblclick: () => () => show(0, length) } },
    scales: { x: { time: false, range: () => [from, to] }, y: { range: () => [data.low, data.high] } },
    series: [{}, { points: { show: false } }, { points: { show: false } }, { stroke: () => colors.curve, width: 1.5, points: { show: (u) => (to - from) / data.step < 120, size: 4, fill: () => colors.curve } }],
    bands: [{ series: [1, 2], fill: () => colors.band }],
    axes: [
      Object.assign({}, axis, {
        size: 46, gap: 6,
        splits: () => marks.marks.map(([x]) => x),
        values: (u, splits) => splits.map((x, index) => markText(marks.marks[index], marks.step, index === 0)),
      }),
      Object.assign({}, axis, { size: 46, gap: 6, label: undefined }),
    ],
    hooks: {
      drawClear: [drawZones],
      draw: [drawLevels],
      setCursor: [(u) => { if (u.cursor.left >= 0) read(u.posToVal(u.cursor.left, "x")); }],
      setSelect: [(u) => {
        const { left, width } = u.select;
        if (width > 3) show(u.posToVal(left, "x"), u.posToVal(left + width, "x"));
        u.setSelect({ left: 0, width: 0, top: 0, height: 0 }, false);
      }],
    },
  };

  readColors();
  const chart = new uPlot(options, [[0], [null], [null], [null]], place);

  function draw() {
    pending = false;
    const width = chart.over.clientWidth || options.width;
    marks = Trace.marks(data.stretches, from, to, Math.max(3, Math.floor(width / 92)));
    chart.setData(binned(width), false);
    chart.setScale("x", { min: from, max: to });
    view.textContent = span();
    place.dataset.from = from;
    place.dataset.to = to;
    if (at !== null && at >= from && at <= to) chart.setCursor({ left: chart.valToPos(at, "x"), top: HEIGHT / 3 }, false);
  }

  function later() {
    if (!pending) { pending = true; requestAnimationFrame(draw); }
  }

  // Shows what lies between two x, moved into the data and kept at least so wide.
  function show(begin, end) {
    const width = Math.min(length, Math.max(LEAST, end - begin));
    const middle = (begin + end) / 2;
    from = Math.min(Math.max(0, middle - width / 2), length - width);
    to = from + width;
    later();
  }

  function zoom(factor, x) {
    const width = Math.min(length, Math.max(LEAST, (to - from) * factor));
    const share = (x - from) / (to - from);
    const begin = x - share * width;
    show(begin, begin + width);
  }

  const move = (share) => show(from + (to - from) * share, to + (to - from) * share);

  // Says what is at x: one sample if there are fewer samples than pixels, else what its pixel holds.
  function read(x) {
    at = Math.min(Math.max(x, 0), length - data.step / 2);
    const pixel = (to - from) / (chart.over.clientWidth || 900);
    const slots = Math.max(1, Math.round(pixel / data.step));
    const slot = Math.floor(at / data.step);
    const seconds = data.step < MINUTE;
    const first = slots === 1 ? nearest(slot, Math.ceil(4 * pixel / data.step)) : Math.min(Math.max(0, slot - (slots >> 1)), Math.max(0, values.length - slots));
    const found = Trace.between(values, first, first + slots);
    const when = moment(first * data.step, seconds);
    const until = slots === 1 ? "" : "–" + time(date((first + slots) * data.step), seconds);
    const what = !found ? "not worn"
      : found.low === found.high ? found.low + " bpm"
      : found.low + "–" + found.high + " bpm, mean " + found.mean.toFixed(1);
    readout.textContent = when + until + "  ·  " + what;
  }

  // The slot with a sample that is nearest, no further than `most` slots away; else the slot itself.
  function nearest(slot, most) {
    for (let distance = 0; distance <= most; distance++) {
      if (values[slot - distance]) return slot - distance;
      if (values[slot + distance]) return slot + distance;
    }
    return slot;
  }

  function step(direction) {
    const pixel = (to - from) / (chart.over.clientWidth || 900);
    const slots = Math.max(1, Math.round(4 * pixel / data.step));
    const start = at === null ? (from + to) / 2 : at;
    const slot = Math.floor(start / data.step) + direction * slots;
    const x = (slots === 1 ? next(Math.floor(start / data.step), direction) : slot) * data.step;
    const inside = Math.min(Math.max(x, 0), length - data.step);
    if (inside < from || inside > to) show(inside - (to - from) / 2, inside + (to - from) / 2);
    read(inside + data.step / 2);
    later();
  }

  function next(slot, direction) {
    for (let i = slot + direction; i >= 0 && i < values.length; i += direction) if (values[i]) return i;
    return slot;
  }

  function edge(direction) {
    const i = direction > 0 ? next(-1, 1) : next(values.length, -1);
    const x = (Math.max(0, Math.min(values.length - 1, i)) + 0.5) * data.step;
    if (x < from || x > to) show(x - (to - from) / 2, x + (to - from) / 2);
    read(x);
    later();
  }

  const middle = () => (at !== null && at >= from && at <= to ? at : (from + to) / 2);
  const actions = {
    in: () => zoom(0.5, middle()), out: () => zoom(2, middle()), all: () => show(0, length), left: () => move(-0.25), right: () => move(0.25),
  };
  const keys = {
    "+": actions.in, "=": actions.in, "-": actions.out, "_": actions.out, 0: actions.all, Escape: actions.all,
    ArrowUp: actions.in, ArrowDown: actions.out, PageUp: actions.left, PageDown: actions.right,
    ArrowLeft: (event) => (event.shiftKey ? actions.left() : step(-1)), ArrowRight: (event) => (event.shiftKey ? actions.right() : step(1)),
    Home: () => edge(1), End: () => edge(-1),
  };
  place.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || !keys[event.key]) return;
    event.preventDefault();
    keys[event.key](event);
  });
  document.querySelectorAll("button[data-do]").forEach((button) => button.addEventListener("click", () => actions[button.dataset.do]()));

  place.addEventListener("wheel", (event) => {
    event.preventDefault();
    const rect = chart.over.getBoundingClientRect();
    const x = chart.posToVal(Math.min(Math.max(event.clientX - rect.left, 0), rect.width), "x");
    if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) move((event.deltaX || event.deltaY) / 1000);
    else zoom(Math.exp(Math.max(-240, Math.min(240, event.deltaY)) * 0.002), x);
  }, { passive: false });

  // Shift and drag, the middle button, and one finger move the view; two fingers stretch it.
  const fingers = new Map();
  chart.over.addEventListener("pointerdown", (event) => {
    const moves = event.pointerType === "touch" || event.shiftKey || event.button === 1;
    if (!moves) return;
    event.preventDefault();
    fingers.set(event.pointerId, event.clientX);
    chart.over.setPointerCapture(event.pointerId);
  });
  chart.over.addEventListener("pointermove", (event) => {
    if (!fingers.has(event.pointerId)) return;
    const rect = chart.over.getBoundingClientRect();
    const before = [...fingers.values()];
    fingers.set(event.pointerId, event.clientX);
    const after = [...fingers.values()];
    if (before.length === 1) move((before[0] - after[0]) / rect.width);
    else {
      const spread = (list) => Math.max(8, Math.abs(list[0] - list[1]));
      zoom(spread(before) / spread(after), chart.posToVal((after[0] + after[1]) / 2 - rect.left, "x"));
    }
  });
  for (const end of ["pointerup", "pointercancel"]) chart.over.addEventListener(end, (event) => fingers.delete(event.pointerId));

  function repaint() {
    readColors();
    chart.redraw(false);
    later();
  }
  query.addEventListener("change", repaint);
  new ResizeObserver(() => { chart.setSize({ width: place.clientWidth, height: HEIGHT }); later(); }).observe(place);
  window.addEventListener("beforeprint", () => { document.documentElement.classList.add("paper"); readColors(); chart.setSize({ width: 680, height: HEIGHT }); draw(); });
  window.addEventListener("afterprint", () => { document.documentElement.classList.remove("paper"); readColors(); chart.setSize({ width: place.clientWidth, height: HEIGHT }); draw(); });
  place.dataset.ready = "yes";
  draw();
})();
