// The processing speed and the remaining time, estimated from the last half minute.
import { format } from "../shared/translations.js";

const WINDOW_MS = 30_000;
const translations = document.getElementById("speed-translations")?.dataset ?? {};
let samples = [];

// Show the speed below the progress. `progress` is the element with the current counts.
export function showSpeed(progress) {
  if (!progress) return;
  const { done, chunks, queued, unfinished } = progress.dataset;
  if (!Number(unfinished)) {
    samples = [];
    return;
  }
  samples = addSample(samples, { time: Date.now(), done: Number(done) });
  const rate = chunksPerSecond(samples);
  const line = document.getElementById("speed");
  if (!line || !rate) return;
  const speed = format(translations.speed, { n: rate.toFixed(rate < 10 ? 1 : 0) });
  // The number of chunks in queued documents is unknown until they are parsed.
  line.textContent = Number(queued) ? speed : `${speed}, ${remaining(chunks - done, rate)}`;
}

function remaining(chunks, rate) {
  return format(translations.left, { t: formatDuration(chunks / rate, translations) });
}

// A count that falls means that a document was deleted: start again.
export function addSample(previous, sample) {
  const last = previous.at(-1);
  const kept = last && sample.done < last.done ? [] : previous;
  return [...kept, sample].filter(({ time }) => sample.time - time < WINDOW_MS);
}

// Return null if the samples do not show any progress.
export function chunksPerSecond(list) {
  const [first, last] = [list[0], list.at(-1)];
  const rate = ((last.done - first.done) * 1000) / (last.time - first.time);
  return rate > 0 ? rate : null;
}

export function formatDuration(seconds, patterns) {
  if (seconds < 90) return format(patterns.seconds, { n: Math.max(1, Math.round(seconds)) });
  if (seconds < 5400) return format(patterns.minutes, { n: Math.round(seconds / 60) });
  return format(patterns.hours, { n: Math.round(seconds / 3600) });
}
