/** What the page makes of a user's records. */

/** Records that are kept and shown. */
export const KEPT = 200;
/** A pause after which a new stretch begins: an hour. */
const PAUSE = 3_600_000;

/** Return beats per minute, null where neither sensor had any. */
export function heartRate(record) {
  return record.heartRate2 ?? record.heartRate1 ?? null;
}

/** Return where a record was made, null where it does not say. "lattitude" is how the documents spell it. */
export function position(record) {
  const { lattitude: latitude, longitude } = record;
  return latitude === null || longitude === null ? null : { latitude, longitude };
}

/** The newest records of one user, by tsStop and then as they arrived. */
export class RecordList {
  #known = new Map();
  items = [];

  /**
   * Add records in the order of their arrival; return whether any was new.
   *
   * A record may come twice, once with the history and once with the stream. Records have no id that is sure to be
   * there, so they are told apart by all they say; the last mention decides the order among those of one moment.
   */
  add(records) {
    const before = new Set(this.#known.keys());
    for (const record of records) {
      const key = JSON.stringify(record);
      this.#known.delete(key);
      this.#known.set(key, record);
    }
    const entries = [...this.#known].sort(([, one], [, other]) => one.tsStop - other.tsStop).slice(-KEPT);
    this.#known = new Map(entries);
    this.items = entries.map(([, record]) => record);
    return entries.some(([key]) => !before.has(key));
  }

  get latest() {
    return this.items.at(-1) ?? null;
  }
}

/** Return the records since the last pause of more than an hour, so that two days apart do not share one axis. */
export function latestStretch(records) {
  let start = records.length - 1;
  while (start > 0 && records[start].tsStop - records[start - 1].tsStop <= PAUSE) start -= 1;
  return records.slice(Math.max(0, start));
}

/** Return the points of a chart: {time, value} of each record that has a value. */
export function series(records, value) {
  return records
    .map((record) => ({ time: record.tsStop, value: value(record) }))
    .filter((point) => Number.isFinite(point.value));
}

/**
 * Split points where much more time passes than usual: a line across the silence would show what nobody measured.
 *
 * @param {{time: number}[]} points By time.
 */
export function runs(points) {
  const gaps = points.slice(1).map((point, at) => point.time - points[at].time);
  const usual = [...gaps].sort((one, other) => one - other)[Math.floor(gaps.length / 2)];
  const found = [];
  points.forEach((point, at) => {
    if (at === 0 || gaps[at - 1] > Math.max(10_000, 5 * usual)) found.push([]);
    found.at(-1).push(point);
  });
  return found;
}
