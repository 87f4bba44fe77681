// Draws the charts of the page's data with uPlot. What uPlot lacks is added: keys, words for a screen reader, colours that follow
// the system.
"use strict";
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const box = document.getElementById("charts");
  const said = document.getElementById("said");
  const charts = [];

  const two = (n) => String(n).padStart(2, "0");
  const clock = (minute) => {
    if (data.begin === null) return `day ${Math.floor(minute / 1440) + 1}, ${two(Math.floor(minute / 60) % 24)}:${two(minute % 60)}`;
    return new Date((data.begin + minute * 60) * 1000).toISOString().slice(0, 16).replace("T", " ");
  };
  const figure = (v) => (v == null ? "–" : v >= 100 ? Math.round(v).toLocaleString("en") : String(+v.toPrecision(3)));

  const axis = () => ({ stroke: () => colour("--faint"), grid: { stroke: () => colour("--rule"), width: 1 }, ticks: { show: false } });
  // Whole days, hours or minutes, whichever are some ten over the width.
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1440, 2880, 10080, 20160, 43200, 86400];

  const options = (chart) => ({
    width: box.clientWidth - 16,
    height: 210,
    cursor: { sync: { key: "minutes", setSeries: false }, drag: { x: true, y: false } },
    scales: { x: { time: false }, y: { distr: chart.log ? 3 : 1, range: chart.log ? undefined : (u, low, high) => [0, Math.max(high, chart.least) * 1.05] } },
    axes: [
      { ...axis(), incrs: steps, space: 110, values: (u, at) => at.map(clock) },
      { ...axis(), size: 64, values: (u, at) => at.map((v) => (v == null ? "" : figure(v))) },
    ],
    series: [
      { label: "time", value: (u, v) => (v == null ? "–" : clock(v)) },
      ...chart.lines.map((line) => ({
        label: line.label,
        stroke: () => colour(line.colour),
        width: line.dash ? 1.25 : 1.75,
        dash: line.dash || undefined,
        paths: line.stepped ? uPlot.paths.stepped({ align: 1 }) : undefined,
        points: { show: false },
        value: (u, v) => figure(v),
      })),
    ],
  });

  const speak = (chart, plot) => {
    const i = plot.cursor.idx;
    if (i == null) return;
    const values = chart.lines.map((line, k) => `${line.label} ${figure(plot.data[k + 1][i])}`);
    clearTimeout(speak.later);
    speak.later = setTimeout(() => { said.textContent = `${clock(plot.data[0][i])}: ${values.join(", ")}`; }, 250);
  };

  const move = (plot, to) => {
    const [from, until] = [plot.scales.x.min, plot.scales.x.max];
    const x = plot.data[0];
    let first = x.findIndex((v) => v >= from);
    let last = x.findLastIndex((v) => v <= until);
    const i = Math.min(Math.max(to, first), last);
    plot.setCursor({ left: plot.valToPos(x[i], "x"), top: plot.over.clientHeight / 2 }, true, true);
  };

  const key = (event, chart, plot) => {
    const at = plot.cursor.idx ?? 0;
    const far = Math.max(1, Math.round(plot.data[0].length / 20));
    const to = { ArrowLeft: at - 1, ArrowRight: at + 1, PageUp: at - far, PageDown: at + far, Home: 0, End: plot.data[0].length - 1 }[event.key];
    if (event.key === "Escape") {
      charts.forEach((c) => c.plot.setScale("x", { min: data.x[0], max: data.x.at(-1) }));
    } else if (to === undefined) {
      return;
    } else {
      move(plot, to);
      speak(chart, plot);
    }
    event.preventDefault();
  };

  data.charts.forEach((chart) => {
    const holder = document.createElement("section");
    holder.className = "chart";
    holder.tabIndex = 0;
    holder.setAttribute("aria-label", `Chart: ${chart.title}. ${chart.words}`);
    holder.setAttribute("aria-describedby", "help");
    const title = document.createElement("h3");
    title.textContent = chart.title;
    holder.append(title);
    box.append(holder);
    const plot = new uPlot(options(chart), [data.x, ...chart.lines.map((line) => line.values)], holder);
    plot.root.setAttribute("aria-hidden", "true");
    holder.addEventListener("keydown", (event) => key(event, chart, plot));
    // One zoom for all.
    plot.over.addEventListener("mouseup", () => requestAnimationFrame(() => {
      const { min, max } = plot.scales.x;
      charts.forEach((c) => { if (c.plot !== plot) c.plot.setScale("x", { min, max }); });
    }));
    plot.over.addEventListener("dblclick", () => charts.forEach((c) => c.plot.setScale("x", { min: data.x[0], max: data.x.at(-1) })));
    charts.push({ chart, plot });
  });

  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => charts.forEach((c) => c.plot.redraw(false)));
  new ResizeObserver(() => charts.forEach((c) => c.plot.setSize({ width: box.clientWidth - 16, height: 210 }))).observe(box);
  document.documentElement.dataset.drawn = charts.length;
})();
