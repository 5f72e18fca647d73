import { expect, test } from "vitest";
import { addSample, chunksPerSecond, formatDuration } from "../src/documents/processing-speed.js";

const PATTERNS = { seconds: "{n} s", minutes: "{n} min", hours: "{n} h" };

test.each([
  [0.2, "1 s"],
  [89, "89 s"],
  [90, "2 min"],
  [5399, "90 min"],
  [5400, "2 h"],
])("%d seconds are shown as %s", (seconds, text) => {
  expect(formatDuration(seconds, PATTERNS)).toBe(text);
});

test("the speed is measured over the last half minute", () => {
  let samples = [];
  for (let second = 0; second <= 60; second += 10) {
    const done = second < 40 ? 0 : (second - 30) * 2;
    samples = addSample(samples, { time: second * 1000, done });
  }
  expect(samples.map(({ time }) => time)).toEqual([40000, 50000, 60000]);
  expect(chunksPerSecond(samples)).toBe(2);
});

test("a count that falls starts a new measurement", () => {
  const samples = addSample([{ time: 0, done: 50 }], { time: 1000, done: 10 });
  expect(samples).toEqual([{ time: 1000, done: 10 }]);
  expect(chunksPerSecond(samples)).toBeNull();
});
