/** The latest values in words: the newest record large, and a table of the ones before it. */

import { element, find, say } from "./dom.js";
import { date, fixed, number, time } from "./format.js";
import { heartRate, position } from "./records.js";

const ROWS = 20;

/** Write the newest record. */
export function showNewest(record) {
  const place = record && position(record);
  say(find("latest-rate"), number(record && heartRate(record)));
  say(find("latest-speed"), fixed(record?.speed ?? null, 2));
  say(find("latest-place"), place ? `${fixed(place.latitude, 5)}°, ${fixed(place.longitude, 5)}°` : "–");
  say(find("latest-time"), record ? `${date(record.tsStop)} ${time(record.tsStop)}` : "–");
}

/** Write the newest records into a table's body, the newest on top. */
export function showTable(body, records) {
  const rows = records.slice(-ROWS).reverse().map(row);
  const empty = element("tr", {}, element("td", { colspan: "5", class: "nothing" }, "No records yet."));
  body.replaceChildren(...(rows.length ? rows : [empty]));
}

function row(record) {
  const place = position(record);
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, element("span", {}, date(record.tsStop)), " ", time(record.tsStop)),
    element("td", {}, number(heartRate(record))),
    element("td", {}, fixed(record.speed, 2)),
    element("td", {}, fixed(place && place.latitude, 5)),
    element("td", {}, fixed(place && place.longitude, 5)),
  );
}
