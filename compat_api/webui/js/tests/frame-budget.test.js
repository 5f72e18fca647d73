import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { FrameBudget } from "../src/graph/frame-budget.js";

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(1); // performance.now() is never 0 in browsers
});
afterEach(() => vi.useRealTimers());

// A WebGL context whose fence is signaled after some milliseconds.
function contextOf(milliseconds) {
  return {
    SIGNALED: 1,
    fenceSync: () => performance.now() + milliseconds,
    flush: () => {},
    isContextLost: () => false,
    getSyncParameter: (fence) => (performance.now() >= fence ? 1 : 0),
    deleteSync: () => {},
  };
}

function frame(budget, milliseconds) {
  budget.measure([contextOf(milliseconds)]);
  vi.advanceTimersByTime(milliseconds + 8);
}

test("slow frames exceed the budget until they are clearly faster", () => {
  const drawn = vi.fn();
  const budget = new FrameBudget(drawn);
  frame(budget, 10);
  expect(budget.isExceeded).toBe(false);
  frame(budget, 100);
  expect(budget.isExceeded).toBe(true);
  frame(budget, 33);
  expect(budget.isExceeded).toBe(true);
  frame(budget, 10);
  expect(budget.isExceeded).toBe(false);
  expect(drawn).toHaveBeenCalledTimes(4);
});

test("no frame is requested while a slow one is drawn", () => {
  const budget = new FrameBudget(() => {});
  budget.measure([contextOf(100)]);
  expect(budget.isBlocked).toBe(false);
  vi.advanceTimersByTime(60);
  expect(budget.isBlocked).toBe(true);
  vi.advanceTimersByTime(60);
  expect(budget.isBlocked).toBe(false);
});
