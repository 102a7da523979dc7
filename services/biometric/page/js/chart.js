/** A line chart of one value over time. */

import { element, say, shape } from "./dom.js";
import { date, number, span, tick, time } from "./format.js";
import { runs } from "./records.js";
import { digits, linear, timeAxis, valueAxis } from "./scales.js";

const HEIGHT = 200;
const EDGE = { top: 12, right: 14, bottom: 26, left: 40 };

export class Chart {
  #frame;
  #figure;
  #readout;
  #points = [];
  #plot = null;

  /**
   * @param {HTMLElement} figure Its heading names the chart.
   * @param {{name: string, unit: string, digits: number, least: number}} about What is charted; `least` is what the
   *   axis spans at least.
   */
  constructor(figure, about) {
    this.about = about;
    this.#figure = figure;
    this.#frame = element("div", { class: "plot" });
    this.#readout = element("p", { class: "readout" });
    figure.append(this.#frame, this.#readout);
    new ResizeObserver(() => this.#draw()).observe(this.#frame);
    this.#frame.addEventListener("pointermove", (event) => this.#point(event));
    this.#frame.addEventListener("pointerleave", () => this.#unpoint());
  }

  /** @param {{time: number, value: number}[]} points By time. */
  show(points) {
    this.#points = points;
    this.#draw();
  }

  #draw() {
    const width = this.#frame.clientWidth;
    if (width === 0) return;
    this.#plot = null;
    this.#figure.dataset.points = this.#points.length;
    if (this.#points.length === 0) {
      this.#frame.replaceChildren(element("p", { class: "nothing" }, `No ${this.about.name.toLowerCase()} yet.`));
      say(this.#readout, "");
      return;
    }
    const values = this.#points.map((point) => point.value);
    const [start, end] = this.#times();
    const vertical = valueAxis(values, 5, this.about.least);
    const x = linear([start, end], [EDGE.left, width - EDGE.right]);
    const y = linear(vertical.domain, [HEIGHT - EDGE.bottom, EDGE.top]);
    const horizontal = timeAxis(start, end, Math.max(2, Math.floor(width / 85)));
    this.#plot = { x, y };
    const svg = shape(
      "svg",
      { viewBox: `0 0 ${width} ${HEIGHT}`, width, height: HEIGHT, role: "img", "aria-label": this.#summary(values) },
      ...vertical.ticks.map((value) => across(value, y(value), width, vertical.step)),
      ...horizontal.ticks.map((at) => below(at, x(at), width, horizontal.step)),
      ...this.#line(x, y),
      shape("g", { class: "cross" }),
    );
    this.#frame.replaceChildren(svg);
    this.#unpoint();
  }

  /** A single moment gets half a minute around it. */
  #times() {
    const [start, end] = [this.#points[0].time, this.#points.at(-1).time];
    return start === end ? [start - 15_000, end + 15_000] : [start, end];
  }

  #line(x, y) {
    const at = ({ time: moment, value }) => `${x(moment).toFixed(1)},${y(value).toFixed(1)}`;
    const last = this.#points.at(-1);
    return [
      ...runs(this.#points).map((run) =>
        run.length === 1
          ? shape("circle", { class: "alone", cx: x(run[0].time), cy: y(run[0].value), r: 2 })
          : shape("polyline", { class: "line", points: run.map(at).join(" ") }),
      ),
      shape("circle", { class: "last", cx: x(last.time), cy: y(last.value), r: 4.5 }),
    ];
  }

  #summary(values) {
    const { name, unit, digits: most } = this.about;
    const range = `${number(Math.min(...values), most)} to ${number(Math.max(...values), most)} ${unit}`;
    const when = span(this.#points[0].time, this.#points.at(-1).time);
    return `${name}, ${when}: ${range}, at last ${number(values.at(-1), most)} ${unit}`;
  }

  #point(event) {
    if (!this.#plot) return;
    const { x, y } = this.#plot;
    const left = event.clientX - this.#frame.getBoundingClientRect().left;
    const nearest = this.#points.reduce((one, other) =>
      Math.abs(x(other.time) - left) < Math.abs(x(one.time) - left) ? other : one,
    );
    const [cx, cy] = [x(nearest.time), y(nearest.value)];
    this.#frame
      .querySelector(".cross")
      .replaceChildren(
        shape("line", { x1: cx, x2: cx, y1: EDGE.top, y2: HEIGHT - EDGE.bottom }),
        shape("circle", { cx, cy, r: 4.5 }),
      );
    const { unit, digits: most } = this.about;
    say(this.#readout, `${date(nearest.time)} ${time(nearest.time)}: ${number(nearest.value, most)} ${unit}`);
  }

  #unpoint() {
    this.#frame.querySelector(".cross")?.replaceChildren();
    if (this.#plot) say(this.#readout, span(this.#points[0].time, this.#points.at(-1).time));
  }
}

function across(value, y, width, step) {
  return shape(
    "g",
    { class: "axis" },
    shape("line", { x1: EDGE.left, x2: width - EDGE.right, y1: y, y2: y }),
    shape("text", { x: EDGE.left - 8, y: y + 4, "text-anchor": "end" }, value.toFixed(digits(step))),
  );
}

function below(at, x, width, step) {
  const bottom = HEIGHT - EDGE.bottom;
  // Near the edges a label would be cut off.
  const anchor = x < EDGE.left + 20 ? "start" : x > width - EDGE.right - 20 ? "end" : "middle";
  return shape(
    "g",
    { class: "axis" },
    shape("line", { x1: x, x2: x, y1: bottom, y2: bottom + 5 }),
    shape("text", { x, y: bottom + 19, "text-anchor": anchor }, tick(at, step)),
  );
}
