// SPDX-License-Identifier: Apache-2.0
// Draws what page.py left in the element "plots": a list of Plot (plots.py).
"use strict";

(() => {
  const HEIGHT = 280;
  const COLORS = ["#d5652b", "#8a63d2", "#2f80d0", "#b08c1e", "#2e9960", "#c8508c", "#5f7186"];
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

  // To three digits, or to all that stand before the point, with thousands set apart.
  const number = (value) => {
    const whole = Math.ceil(Math.log10(Math.abs(value) + 1));
    return value.toLocaleString("en", { maximumSignificantDigits: Math.max(3, whole) });
  };
  // x is 1 / (1 - share): 10 is 90 %, 100 is 99 %, and each nine takes a digit.
  const percentile = (x) => {
    const digits = Math.max(0, Math.ceil(Math.log10(x) - 2 - 1e-9));
    return (100 * (1 - 1 / x)).toFixed(digits) + " %";
  };
  const isPowerOfTen = (x) => Math.abs(Math.log10(x) - Math.round(Math.log10(x))) < 1e-9;

  const AXES = {
    time: {
      label: "seconds since the first submission",
      value: (x) => (x == null ? "–" : x.toFixed(1) + " s"),
      scale: {},
      values: (u, splits) => splits.map((x) => (x == null ? "" : number(x))),
    },
    share: {
      label: "share of the messages",
      value: (x) => (x == null ? "–" : percentile(x)),
      scale: { distr: 3 },
      values: (u, splits) => splits.map((x) => (x != null && isPowerOfTen(x) ? percentile(x) : "")),
    },
    size: {
      label: "commits of a group, at most",
      value: (x) => (x == null ? "–" : number(x)),
      scale: { distr: 3, log: 2, range: (u, low, high) => [low / 1.5, high * 1.5] },
      splits: powersOfTwo,
      filter: (u, splits) => splits,
      values: (u, splits) => splits.map((x) => number(x)),
    },
  };

  function powersOfTwo(u, index, low, high) {
    const powers = [];
    for (let power = 1; power <= high; power *= 2) if (power >= low) powers.push(power);
    return powers;
  }

  const bars = uPlot.paths.bars({ size: [0.7, 60] });

  function series(line, plot) {
    const color = COLORS[line.color % COLORS.length];
    const alone = plot.axis === "size" && plot.lines.length === 1;
    return {
      label: line.label || plot.title,
      stroke: color,
      width: 1.75,
      ...(alone ? { paths: bars, fill: color + "99" } : {}),
      points: { show: plot.axis === "size" ? !alone : line.x.length < 3 },
      value: (u, y) => (y == null ? "–" : number(y) + " " + plot.unit),
    };
  }

  function axis(more) {
    return {
      stroke: () => css("--soft"),
      grid: { stroke: () => css("--line"), width: 1 },
      ticks: { stroke: () => css("--line"), width: 1 },
      ...more,
    };
  }

  function options(plot, width) {
    const x = AXES[plot.axis];
    return {
      width,
      height: HEIGHT,
      cursor: plot.axis === "time" ? { sync: { key: "time" } } : {},
      scales: {
        x: { time: false, ...x.scale },
        y: plot.log ? { distr: 3 } : { range: (u, low, high) => [0, high > 0 ? high * 1.05 : 1] },
      },
      axes: [
        axis({ label: x.label, labelSize: 20, values: x.values,
          ...(x.splits && { splits: x.splits, filter: x.filter }) }),
        axis({ size: 64, values: (u, splits) => splits.map((y) => (y == null ? "" : number(y))) }),
      ],
      series: [{ label: "at", value: (u, v) => x.value(v) },
        ...plot.lines.map((line) => series(line, plot))],
    };
  }

  // A logarithm knows no zero.
  const drawable = (plot) => (y) => (y == null || (plot.log && y <= 0) ? null : y);

  function draw(plot, index) {
    const box = document.getElementById("plot-" + index);
    const tables = plot.lines.map((line) => [line.x, line.y.map(drawable(plot))]);
    const drawn = new uPlot(options(plot, box.clientWidth), uPlot.join(tables), box);
    new ResizeObserver(() => drawn.setSize({ width: box.clientWidth, height: HEIGHT }))
      .observe(box);
    dark.addEventListener("change", () => drawn.redraw());
  }

  JSON.parse(document.getElementById("plots").textContent).forEach(draw);
})();
