// Charts, drawn from JSON blocks; the same numbers always stand beside them as text.
(function () {
  "use strict";

  const css = getComputedStyle(document.documentElement);
  const fill = (name) => css.getPropertyValue("--fill-" + name).trim();
  const read = (id) => JSON.parse(document.getElementById(id).textContent);

  function donut(canvas) {
    const { labels, values, fills } = read(canvas.dataset.chartDonut);
    new Chart(canvas, {
      type: "doughnut",
      data: { labels, datasets: [{ data: values, backgroundColor: fills.map(fill), borderWidth: 2, borderColor: "#fff" }] },
      options: { cutout: "72%", plugins: { legend: { display: false } } },
    });
  }

  function days(canvas) {
    const { labels, series, line } = read(canvas.dataset.chartDays);
    const bars = (one) => ({ label: one.label, data: one.values, backgroundColor: fill(one.fill), stack: "rows", maxBarThickness: 26, borderRadius: 2 });
    const points = (one) => ({ type: "line", label: one.label, data: one.values, showLine: true, borderWidth: 1, borderColor: "#1d2736", backgroundColor: "#1d2736", pointStyle: "rectRot", pointRadius: 4, tension: 0 });
    const language = document.documentElement.lang;
    new Chart(canvas, {
      type: "bar",
      data: { labels, datasets: [...(line ? [points(line)] : []), ...series.map(bars)] },
      options: {
        plugins: {
          legend: { position: "top", align: "end", labels: { boxWidth: 8, boxHeight: 8, padding: 14, usePointStyle: true } },
          tooltip: { mode: "index", intersect: false },
        },
        scales: {
          x: { stacked: true, grid: { display: false }, ticks: { maxRotation: 0, autoSkip: true, autoSkipPadding: 6 } },
          y: { stacked: true, beginAtZero: true, border: { display: false }, grid: { color: "#e9edf2" }, ticks: { maxTicksLimit: 6, precision: 0, callback: (value) => value.toLocaleString(language) } },
        },
      },
    });
  }

  function setDefaults() {
    Chart.defaults.font.family = getComputedStyle(document.body).fontFamily;
    Chart.defaults.font.size = 12;
    Chart.defaults.color = "#4a5768";
    Chart.defaults.animation = false;
    Chart.defaults.maintainAspectRatio = false;
  }
  function draw(root) {
    setDefaults();
    root.querySelectorAll("[data-chart-donut]").forEach(donut);
    root.querySelectorAll("[data-chart-days]").forEach(days);
  }
  // The page, and whatever htmx puts into it afterwards.
  document.addEventListener("htmx:load", ({ detail: { elt } }) => {
    document.fonts.load("12px Inter").then(() => draw(elt), () => draw(elt));
  });
})();
