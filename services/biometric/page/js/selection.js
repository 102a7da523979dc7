/** The selected user's part of the page. */

import { Chart } from "./chart.js";
import { find, say } from "./dom.js";
import { showNewest, showTable } from "./latest.js";
import { heartRate, latestStretch, series } from "./records.js";
import { Track } from "./track.js";

export class Selection {
  #rate = new Chart(find("heart-rate"), { name: "Heart rate", unit: "bpm", digits: 0, least: 20 });
  #speed = new Chart(find("speed"), { name: "Speed", unit: "m/s", digits: 2, least: 2 });
  #track = new Track(find("track"));
  #records = [];
  #due = false;

  constructor() {
    for (const radio of document.querySelectorAll("[name=range]")) radio.addEventListener("change", () => this.#later());
  }

  /** Begin with another user. */
  begin(userId) {
    find("selection").hidden = false;
    find("welcome").hidden = true;
    say(find("selected-user"), `User ${userId}`);
    this.show([]);
  }

  /** Show records, with the next frame: a hundred that come at once are drawn once. */
  show(records) {
    this.#records = records;
    this.#later();
  }

  #later() {
    if (this.#due) return;
    this.#due = true;
    requestAnimationFrame(() => {
      this.#due = false;
      this.#draw();
    });
  }

  #draw() {
    const records = this.#records;
    const stretch = latestStretch(records);
    const shown = find("range-all").checked ? records : stretch;
    find("range").hidden = stretch.length === records.length;
    showNewest(records.at(-1) ?? null);
    this.#rate.show(series(shown, heartRate));
    this.#speed.show(series(shown, (record) => record.speed));
    this.#track.show(shown);
    showTable(find("rows"), records);
  }
}
