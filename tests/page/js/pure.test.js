import assert from "node:assert/strict";
import test from "node:test";

// A place whose clock is neither UTC nor on a full hour.
process.env.TZ = "Asia/Kathmandu";
const from = (name) => import(`../../../services/biometric/page/js/${name}.js`);
const { backoff } = await from("backoff");
const { literal, object, parse } = await from("json");
const { date, fixed, number, span, tick, time } = await from("format");
const { digits, linear, multiples, niceStep, timeAxis, valueAxis } = await from("scales");
const { DEGREE, fit, scaleBar, unwrap } = await from("projection");
const { RecordList, heartRate, latestStretch, position, runs, series } = await from("records");

const near = (one, other, tolerance = 1e-6) => assert.ok(Math.abs(one - other) <= tolerance, `${one} is not ${other}`);

test("backoff doubles up to five seconds, and half of it is chance", () => {
  assert.deepEqual([1, 2, 3, 4, 5, 50].map((failures) => backoff(failures, () => 1)), [500, 1000, 2000, 4000, 5000, 5000]);
  assert.deepEqual([1, 4, 50].map((failures) => backoff(failures, () => 0)), [250, 2000, 2500]);
  assert.ok(new Set(Array.from({ length: 20 }, () => backoff(5))).size > 10);
});

test("user ids keep their digits, and nothing else changes", () => {
  const text = '{"userId": 9223372036854775807, "speed": 1.5, "provider": "\\"userId\\":5", "next": {"userId":1}}';
  assert.deepEqual(parse(text), {
    userId: "9223372036854775807", speed: 1.5, provider: '"userId":5', next: { userId: "1" },
  });
});

test("what is typed becomes a number, null or a string", () => {
  const cases = {
    "72": "72", " 1.50 ": "1.50", "-75.9": "-75.9", "1e3": "1e3", "": "null", "  ": "null", "9223372036854775807": "9223372036854775807",
    "fast": '"fast"', "1,5": '"1,5"', "01": '"01"', "+1": '"+1"', "NaN": '"NaN"', '"': '"\\""', "true": '"true"', "1}": '"1}"',
  };
  for (const [typed, json] of Object.entries(cases)) assert.equal(literal(typed), json);
  assert.equal(object({ userId: "9007199254740993", speed: "" }), '{"userId":9007199254740993,"speed":null}');
});

test("steps are 1, 2 or 5 times a power of ten", () => {
  assert.deepEqual([0.011, 0.3, 1, 3, 7, 1500].map(niceStep), [0.02, 0.5, 1, 5, 10, 2000]);
  assert.deepEqual([0.001, 0.25, 1, 20].map(digits), [3, 1, 0, 0]);
  assert.deepEqual(multiples(0.1, 0.35, 0.1), [0.1, 0.2, 0.3]);
  assert.deepEqual(multiples(-0.2, 0.2, 0.1), [-0.2, -0.1, 0, 0.1, 0.2]);
});

test("a value axis holds all values, begins and ends with a tick", () => {
  for (const values of [[61, 154], [70], [0, 0.004], [-3, 2], [0], [200, 201], [1e-9, 5]]) {
    const { domain, ticks } = valueAxis(values, 5, 2);
    assert.ok(domain[0] <= Math.min(...values) && Math.max(...values) <= domain[1]);
    near(ticks[0], domain[0]);
    near(ticks.at(-1), domain[1]);
    assert.ok(domain[1] - domain[0] >= 2 - 1e-9 && ticks.length >= 3 && ticks.length <= 8, `${values}: ${ticks}`);
    if (Math.min(...values) >= 0) assert.ok(domain[0] >= 0);
  }
});

test("a linear scale maps ends to ends", () => {
  const scale = linear([10, 20], [100, 0]);
  assert.deepEqual([10, 15, 20].map(scale), [100, 50, 0]);
});

test("a time axis has round local moments", () => {
  const noon = new Date(2026, 2, 1, 12, 0, 0).getTime();
  for (const [length, step, label] of [
    [10_000, 2_000, "12:00:02"], [600_000, 120_000, "12:02"], [7_200_000, 1_800_000, "12:30"], [86_400_000, 21_600_000, "18:00"],
    [10 * 86_400_000, 2 * 86_400_000, "2026-03-02"],
  ]) {
    const axis = timeAxis(noon + 1, noon + 1 + length, 5);
    assert.equal(axis.step, step);
    assert.equal(tick(axis.ticks[0], axis.step), label);
    assert.ok(axis.ticks.length <= 6 && axis.ticks.every((at) => at > noon && at <= noon + 1 + length));
  }
  const years = timeAxis(0, noon, 5);
  assert.ok(years.ticks.length >= 2 && years.ticks.length <= 6);
});

test("times are local and of one form", () => {
  assert.equal(`${date(1588114545442)} ${time(1588114545442)}`, "2020-04-29 04:40:45");
  assert.equal(span(0, 0), "1970-01-01 05:30:00");
  assert.equal(span(0, 61_000), "1970-01-01 05:30:00 – 05:31:01");
  assert.equal(span(0, 86_400_000), "1970-01-01 05:30:00 – 1970-01-02 05:30:00");
});

test("numbers have no noise", () => {
  assert.deepEqual([number(1.005, 2), number(-0.001, 2), number(72), number(null)], ["1", "0", "72", "–"]);
  assert.deepEqual([fixed(1.7, 2), fixed(null, 2), fixed(0, 5)], ["1.70", "–", "0.00000"]);
});

test("the projection is true to scale in both directions", () => {
  const positions = [{ latitude: 60, longitude: 10 }, { latitude: 60.02, longitude: 10.04 }];
  const map = fit(positions, { width: 400, height: 300, margin: 40, least: 10 });
  const [one, other] = positions.map(map.project);
  near((one.y - other.y) * map.metresPerPixel, 0.02 * DEGREE, 0.01);
  near((other.x - one.x) * map.metresPerPixel, 0.04 * Math.cos((60.01 * Math.PI) / 180) * DEGREE, 0.01);
  for (const { x, y } of [one, other]) assert.ok(x >= 40 - 1e-6 && x <= 360 + 1e-6 && y >= 40 - 1e-6 && y <= 260 + 1e-6);
  near(map.project({ latitude: map.bounds.north, longitude: map.bounds.west }).x, 0);
  near(map.project({ latitude: map.bounds.north, longitude: map.bounds.west }).y, 0);
});

test("one position, and one at a pole, can be shown", () => {
  for (const latitude of [45, 90, -90]) {
    const map = fit([{ latitude, longitude: 5 }], { width: 400, height: 300, margin: 50, least: 60 });
    assert.deepEqual(map.project({ latitude, longitude: 5 }), { x: 200, y: 150 });
    near(map.metresPerPixel, 60 / 200);
  }
});

test("a track across the date line stays in one piece", () => {
  assert.deepEqual(unwrap([179, -179, -178, 179, 178]), [179, 181, 182, 179, 178]);
  assert.deepEqual(unwrap([-179, 179, -179]), [-179, -181, -179]);
  assert.deepEqual(unwrap([]), []);
});

test("a scale bar has a round length that fits", () => {
  for (const [metresPerPixel, label, pixels] of [[1, "100 m", 100], [1.99, "200 m", 100.5], [0.013, "1 m", 76.9], [250, "20 km", 80], [7.5, "1 km", 133.3]]) {
    const bar = scaleBar(metresPerPixel, 140);
    assert.equal(bar.label, label);
    near(bar.pixels, pixels, 0.1);
    assert.ok(bar.pixels <= 140);
  }
});

test("the second sensor's heart rate goes before the first's, and zero is a value", () => {
  assert.equal(heartRate({ heartRate1: 60, heartRate2: 70 }), 70);
  assert.equal(heartRate({ heartRate1: 60, heartRate2: null }), 60);
  assert.equal(heartRate({ heartRate1: 60, heartRate2: 0 }), 0);
  assert.equal(heartRate({ heartRate1: null, heartRate2: null }), null);
});

test("a position has both its parts; on the equator it is one, too", () => {
  assert.deepEqual(position({ lattitude: 0, longitude: 0 }), { latitude: 0, longitude: 0 });
  assert.equal(position({ lattitude: 1, longitude: null }), null);
  assert.equal(position({ lattitude: null, longitude: 1 }), null);
});

test("records are kept by time, without doubles, 200 at most", () => {
  const list = new RecordList();
  const made = (tsStop, value = 0) => ({ tsStop, value });
  assert.equal(list.add([made(2), made(1)]), true);
  assert.equal(list.add([made(1), made(2)]), false);
  assert.deepEqual(list.items, [made(1), made(2)]);
  list.add([made(2, 1)]);
  assert.deepEqual(list.latest, made(2, 1)); // of one moment, the one that came last
  list.add(Array.from({ length: 300 }, (_, at) => made(at)));
  assert.equal(list.items.length, 200);
  assert.deepEqual(list.latest, made(299));
  assert.equal(list.add([made(0)]), false); // older than all that is kept
  assert.equal(new RecordList().latest, null);
});

test("the history's order counts where the newest record came before it", () => {
  const list = new RecordList();
  const [first, second] = [{ tsStop: 5, value: 1 }, { tsStop: 5, value: 2 }];
  list.add([second]);
  list.add([first, second]);
  assert.deepEqual(list.latest, second);
});

test("a stretch begins after the last long pause", () => {
  const records = [0, 1000, 3_601_001, 3_700_000].map((tsStop) => ({ tsStop }));
  assert.deepEqual(latestStretch(records), records.slice(2));
  assert.deepEqual(latestStretch(records.slice(0, 2)), records.slice(0, 2));
  assert.deepEqual(latestStretch([]), []);
});

test("a series has only what was measured, and a line breaks where much more time passes", () => {
  const records = [{ tsStop: 1, speed: 0 }, { tsStop: 2, speed: null }, { tsStop: 3, speed: 2 }];
  assert.deepEqual(series(records, (record) => record.speed), [{ time: 1, value: 0 }, { time: 3, value: 2 }]);
  const points = [0, 5, 10, 15, 100, 105].map((seconds) => ({ time: seconds * 1000 }));
  assert.deepEqual(runs(points).map((run) => run.length), [4, 2]);
  assert.deepEqual(runs([]), []);
  assert.deepEqual(runs(points.slice(0, 1)).length, 1);
});
