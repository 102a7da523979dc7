import assert from "node:assert/strict";
import test from "node:test";
import { EventParser, headerValue } from "../../../services/biometric/page/js/sse.js";

const bytes = (text) => new TextEncoder().encode(text);

function read(text, parser = new EventParser()) {
  return parser.push(bytes(text));
}

function data(text) {
  return read(text).map((event) => event.data);
}

test("an event has an id, a type and data", () => {
  assert.deepEqual(read("id: 7\nevent: record\ndata: {}\n\n"), [{ id: "7", type: "record", data: "{}" }]);
  assert.deepEqual(read("data: x\n\n"), [{ id: "", type: "message", data: "x" }]);
});

test("lines end with CR, LF or CRLF, mixed as well", () => {
  for (const end of ["\n", "\r", "\r\n"]) {
    assert.deepEqual(data(`data: a${end}data: b${end}${end}data: c${end}${end}`), ["a\nb", "c"]);
  }
  assert.deepEqual(data("data: a\r\ndata: b\n\rdata: c\r\r"), ["a\nb", "c"]);
  // An LF that follows a CR belongs to it: this is one line end and one blank line.
  assert.deepEqual(data("data: a\r\n\r\n"), ["a"]);
});

test("wherever chunks are cut, the events are the same", () => {
  const stream =
    "\uFEFF: hello\r\nretry: 250\r\nid: 1\r\ndata: ä€😀\r\ndata\r\n\r\nid: 2\rdata: two\r\revent: x\ndata: three\n\n: end\n\n";
  const whole = [
    { id: "1", type: "message", data: "ä€😀\n" },
    { id: "2", type: "message", data: "two" },
    { id: "2", type: "x", data: "three" },
  ];
  const all = bytes(stream);
  for (let size = 1; size <= all.length; size += 1) {
    const parser = new EventParser();
    const events = [];
    for (let at = 0; at < all.length; at += size) events.push(...parser.push(all.slice(at, at + size)));
    assert.deepEqual(events, whole, `in chunks of ${size}`);
    assert.equal(parser.retry, 250);
    assert.equal(parser.lastEventId, "2");
  }
});

test("an event is complete with the CR of its blank line, without waiting for an LF", () => {
  const parser = new EventParser();
  assert.equal(read("data: a\r\n\r", parser).length, 1);
  assert.deepEqual(read("\ndata: b\n\n", parser).map((event) => event.data), ["b"]);
  // An empty chunk in between changes nothing.
  assert.equal(read("data: c\r\r", parser).length, 1);
  read("", parser);
  assert.deepEqual(read("\n\ndata: d\r\r", parser).map((event) => event.data), ["d"]);
});

test("a byte order mark is skipped at the beginning only", () => {
  assert.deepEqual(data("\uFEFFdata: a\n\n"), ["a"]);
  assert.deepEqual(data("data: a\n\n\uFEFFdata: b\n\n"), ["a"]);
});

test("several data lines are joined, and empty ones count", () => {
  assert.deepEqual(data("data: a\ndata:\ndata: b\n\n"), ["a\n\nb"]);
  assert.deepEqual(data("data\ndata\n\n"), ["\n"]);
  assert.deepEqual(data("data\n\n"), []);
});

test("one space after the colon is no part of the value, a second one is", () => {
  assert.deepEqual(data("data:a\n\ndata: a\n\ndata:  a\n\n"), ["a", "a", " a"]);
  assert.deepEqual(data("data: a: b\n\n"), ["a: b"]);
});

test("comments and unknown fields are ignored, and so is another spelling", () => {
  assert.deepEqual(data(": keep-alive\n\n:\n\ndata: a\nother: b\nDATA: c\n data: d\n\n"), ["a"]);
});

test("retry is taken from digits only, and at once", () => {
  const parser = new EventParser();
  assert.equal(parser.retry, null);
  read("retry: 50\n", parser);
  assert.equal(parser.retry, 50);
  read("retry: -1\nretry: 1.5\nretry: 2s\nretry:\nretry: ٣\nretry\n", parser);
  assert.equal(parser.retry, 50);
});

test("an id stays until another one comes, and counts with its event's blank line", () => {
  const parser = new EventParser("5");
  assert.equal(parser.lastEventId, "5");
  read("id: 6\ndata: a\n", parser);
  assert.equal(parser.lastEventId, "5"); // cut off here, the event would have to come again
  assert.deepEqual(read("\ndata: b\n\n", parser).map((event) => event.id), ["6", "6"]);
  assert.equal(parser.lastEventId, "6");
});

test("an id without data counts as well", () => {
  const parser = new EventParser();
  assert.deepEqual(read("id: 9\n\n", parser), []);
  assert.equal(parser.lastEventId, "9");
  read("id\n\n", parser);
  assert.equal(parser.lastEventId, "");
});

test("an id with NUL is ignored", () => {
  const parser = new EventParser();
  read("id: 1\nid: 2\0\ndata: a\n\n", parser);
  assert.equal(parser.lastEventId, "1");
});

test("what no blank line ends is no event", () => {
  assert.deepEqual(data("data: a\n\ndata: b\n"), ["a"]);
});

test("a type holds for one event", () => {
  assert.deepEqual(read("event: x\n\ndata: a\n\n").map((event) => event.type), ["message"]);
});

test("an id becomes a header's value as UTF-8", () => {
  assert.equal(headerValue("12"), "12");
  assert.equal(headerValue("é"), "Ã©");
});
