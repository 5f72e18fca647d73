// LargeGraphSigma overrides methods of sigma and reads a private property. If this test fails
// after an upgrade, compare src/graph/sigma-large-graph.js with sigma's source, run the browser
// tests and `make bench ARGS=graph`, and then update the version here.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { expect, test } from "vitest";

const require = createRequire(import.meta.url);
const main = require.resolve("sigma");
const { version } = JSON.parse(readFileSync(main.replace(/dist.*$/, "package.json"), "utf8"));
const source = readFileSync(main.replace(/sigma\.cjs(\.js)?$/, "sigma.cjs.prod.js"), "utf8");

test("the version of sigma is the one that was compared", () => {
  expect(version).toBe("3.0.3");
});

test.each(["refresh", "scheduleRender", "render", "getNodeAtPosition", "getRenderParams"])(
  "sigma defines the method %s",
  (name) => {
    expect(source).toMatch(new RegExp(`key: ?"${name}"`));
  },
);

test("sigma calls the overridden methods on itself", () => {
  expect(source).toMatch(/\.scheduleRender\(\)/);
  expect(source).toMatch(/\.getNodeAtPosition\(/);
  expect(source).toMatch(/\.render\(\)/);
});

test("sigma stores its WebGL contexts in webGLContexts", () => {
  expect(source).toMatch(/"webGLContexts",/);
});

test.each(["edges", "edgeLabels", "nodes", "labels", "hovers", "hoverNodes"])(
  "sigma has the layer %s",
  (layer) => {
    expect(source).toMatch(new RegExp(`(createCanvas|WebGL)Context\\("${layer}"`));
  },
);
