import { expect, test } from "vitest";
import { readJSONLines } from "../src/shared/json-lines.js";

function responseOf(...parts) {
  const encoder = new TextEncoder();
  const body = new ReadableStream({
    start(controller) {
      for (const part of parts) controller.enqueue(encoder.encode(part));
      controller.close();
    },
  });
  return { body };
}

async function read(...parts) {
  const objects = [];
  for await (const object of readJSONLines(responseOf(...parts))) objects.push(object);
  return objects;
}

test("lines that are split between parts are joined", async () => {
  expect(await read('{"a":', '1}\n{"b"', ":2}\n")).toEqual([{ a: 1 }, { b: 2 }]);
});

test("the last line needs no line break", async () => {
  expect(await read('{"a":1}\n\n{"b":2}')).toEqual([{ a: 1 }, { b: 2 }]);
});

test("a character that is split between parts is decoded", async () => {
  const bytes = new TextEncoder().encode('{"a":"水"}\n');
  const body = new ReadableStream({
    start(controller) {
      controller.enqueue(bytes.slice(0, 7));
      controller.enqueue(bytes.slice(7));
      controller.close();
    },
  });
  const objects = [];
  for await (const object of readJSONLines({ body })) objects.push(object);
  expect(objects).toEqual([{ a: "水" }]);
});
