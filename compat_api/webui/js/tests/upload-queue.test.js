import { expect, test } from "vitest";
import { UploadQueue } from "../src/documents/upload-queue.js";
import { outcomeOf, uploadsTitle } from "../src/documents/uploads.js";

const later = () => new Promise((resolve) => setTimeout(resolve));

test("at most three uploads run at the same time", async () => {
  const pending = [];
  let finished = 0;
  const upload = (job) => new Promise((resolve) => pending.push(() => resolve(job)));
  const queue = new UploadQueue(upload, { finishedOne: () => (finished += 1) });
  queue.add("a", "b", "c", "d", "e");
  expect(pending).toHaveLength(3);
  pending.shift()();
  await later();
  expect(pending).toHaveLength(3);
  expect(finished).toBe(1);
  while (pending.length) {
    pending.shift()();
    await later();
  }
  expect(queue.finished).toBe(5);
  expect(queue.isActive).toBe(false);
});

test("jobs that are added later are uploaded", async () => {
  const uploaded = [];
  const queue = new UploadQueue(async (job) => uploaded.push(job), { concurrency: 1 });
  queue.add("a");
  await later();
  queue.add("b");
  await later();
  expect(uploaded).toEqual(["a", "b"]);
  expect(queue.total).toBe(2);
});

const PATTERNS = {
  uploading: "Uploading {n} files",
  uploadingOne: "Uploading 1 file",
  uploaded: "{n} files uploaded",
  uploadedOne: "1 file uploaded",
  duplicates: "{n} known",
  rejected: "{n} rejected",
};

test.each([
  [{ total: 3, finished: 1, ok: 1, duplicate: 0, rejected: 0 }, "Uploading 3 files · 1 / 3"],
  [{ total: 1, finished: 1, ok: 1, duplicate: 0, rejected: 0 }, "1 file uploaded"],
  [
    { total: 20, finished: 20, ok: 15, duplicate: 1, rejected: 4 },
    "15 files uploaded · 1 known · 4 rejected",
  ],
  [{ total: 1, finished: 1, ok: 0, duplicate: 0, rejected: 1 }, "1 rejected"],
])("the title counts uploads by their outcome: %o", (counts, title) => {
  expect(uploadsTitle(counts, PATTERNS)).toBe(title);
});

test("a response without a URL is a rejection", () => {
  expect(outcomeOf({ detail: "Too large" })).toBe("rejected");
  expect(outcomeOf({ url: "/x", duplicate: true })).toBe("duplicate");
  expect(outcomeOf({ url: "/x", duplicate: false })).toBe("ok");
});
