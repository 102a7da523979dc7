/** The track of a user's positions on a small map without a background: degrees, a scale, the start and the end. */

import { element, say, shape } from "./dom.js";
import { number } from "./format.js";
import { fit, scaleBar, unwrap } from "./projection.js";
import { position, runs } from "./records.js";
import { digits, multiples, niceStep } from "./scales.js";

const MARGIN = 48;
/** Metres that are shown at least. */
const LEAST = 60;

export class Track {
  #frame;
  #figure;
  #readout;
  #positions = [];

  /** @param {HTMLElement} figure Its heading names the track. */
  constructor(figure) {
    this.#figure = figure;
    this.#frame = element("div", { class: "plot" });
    this.#readout = element("p", { class: "readout" });
    figure.append(this.#frame, this.#readout);
    new ResizeObserver(() => this.#draw()).observe(this.#frame);
  }

  /** @param {object[]} records By time. */
  show(records) {
    const placed = records.filter((record) => position(record) !== null);
    const longitudes = unwrap(placed.map((record) => record.longitude));
    this.#positions = placed.map((record, at) => ({
      time: record.tsStop,
      latitude: position(record).latitude,
      longitude: longitudes[at],
    }));
    this.#draw();
  }

  #draw() {
    const width = this.#frame.clientWidth;
    if (width === 0) return;
    this.#figure.dataset.points = this.#positions.length;
    if (this.#positions.length === 0) {
      this.#frame.replaceChildren(element("p", { class: "nothing" }, "No positions yet."));
      say(this.#readout, "");
      return;
    }
    const height = Math.round(Math.min(380, Math.max(240, width * 0.6)));
    const map = fit(this.#positions, { width, height, margin: MARGIN, least: LEAST });
    const points = this.#positions.map((one) => ({ time: one.time, ...map.project(one) }));
    const label = this.#summary();
    this.#frame.replaceChildren(
      shape(
        "svg",
        { viewBox: `0 0 ${width} ${height}`, width, height, role: "img", "aria-label": label },
        ...graticule(map, width, height),
        ...path(points),
        ...ends(points),
        bar(map.metresPerPixel, width, height),
      ),
    );
    say(this.#readout, label.replace(/^Track of /, ""));
  }

  #summary() {
    const count = this.#positions.length;
    const place = ({ latitude, longitude }) => `${latitude.toFixed(5)}°, ${turned(longitude).toFixed(5)}°`;
    if (count === 1) return `Track of one position: ${place(this.#positions[0])}`;
    return `Track of ${number(count)} positions, from ${place(this.#positions[0])} to ${place(this.#positions.at(-1))}`;
  }
}

const pair = ({ x, y }) => `${x.toFixed(1)},${y.toFixed(1)}`;

/** Return a longitude within -180..180. */
function turned(longitude) {
  return ((((longitude + 180) % 360) + 360) % 360) - 180;
}

function graticule({ project, bounds }, width, height) {
  const { south, north, west, east } = bounds;
  const [rows, columns] = [Math.max(2, height / 60), Math.max(2, width / 120)];
  const [up, along] = [niceStep((north - south) / rows), niceStep((east - west) / columns)];
  const middle = { latitude: (south + north) / 2, longitude: (west + east) / 2 };
  return [
    ...multiples(south, north, up).map((latitude) => {
      const { y } = project({ ...middle, latitude });
      const text = `${Math.abs(latitude).toFixed(digits(up))}° ${latitude < 0 ? "S" : "N"}`;
      return line({ x1: 0, x2: width, y1: y, y2: y }, { x: 8, y: y - 5 }, y > 24 && y < height - 44 ? text : "");
    }),
    ...multiples(west, east, along).map((longitude) => {
      const { x } = project({ ...middle, longitude });
      const shown = turned(longitude);
      const text = `${Math.abs(shown).toFixed(digits(along))}° ${shown < 0 ? "W" : "E"}`;
      const fits = x > 8 && x < width - 90;
      return line({ x1: x, x2: x, y1: 0, y2: height }, { x: x + 5, y: height - 8 }, fits ? text : "");
    }),
  ];
}

/** Dashes where much more time passed than usual: nobody knows which way was taken. */
function path(points) {
  const found = runs(points);
  const gaps = found.slice(1).map((run, at) => [found[at].at(-1), run[0]]);
  return [
    ...gaps.map((gap) => shape("polyline", { class: "gap", points: gap.map(pair).join(" ") })),
    ...found.map((run) => shape("polyline", { class: "line", points: run.map(pair).join(" ") })),
  ];
}

function line(ends, at, text) {
  return shape("g", { class: "axis" }, shape("line", ends), ...(text ? [shape("text", at, text)] : []));
}

/** The start is a ring and the end a disc, and both are named: nobody has to tell them apart by colour. */
function ends(points) {
  const [first, last] = [points[0], points.at(-1)];
  const apart = Math.hypot(first.x - last.x, first.y - last.y) > 14;
  const end = mark("last", last, points.length === 1 ? "Here" : apart ? "End" : "Start and end");
  return apart ? [mark("first", first, "Start"), end] : [end];
}

function mark(kind, { x, y }, text) {
  return shape(
    "g",
    { class: "mark" },
    shape("circle", { class: kind, cx: x, cy: y, r: 6 }),
    shape("text", { x, y: y - 12, "text-anchor": "middle" }, text),
  );
}

function bar(metresPerPixel, width, height) {
  const { pixels, label } = scaleBar(metresPerPixel, Math.min(140, width / 3));
  const [right, y] = [width - 14, 30];
  const left = right - pixels;
  return shape(
    "g",
    { class: "scale" },
    shape("path", { d: `M${left} ${y - 6}V${y}H${right}V${y - 6}` }),
    shape("text", { x: right, y: y - 11, "text-anchor": "end" }, label),
  );
}
