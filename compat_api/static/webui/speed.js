// How fast passages are read, and how long that will take: from what the list told lately.
const words = document.getElementById("speed-words").dataset;
const WINDOW = 30_000;
let samples = [];

export const say = (pattern, values) =>
  pattern.replace(/\{(\w+)\}/g, (_, name) => values[name]);

function duration(seconds) {
  if (seconds < 90) return say(words.seconds, { n: Math.max(1, Math.round(seconds)) });
  if (seconds < 5400) return say(words.minutes, { n: Math.round(seconds / 60) });
  return say(words.hours, { n: Math.round(seconds / 3600) });
}

export function watchSpeed(work) {
  if (!work) return;
  const now = Date.now();
  const { done, chunks, queued, unfinished } = work.dataset;
  if (!Number(unfinished)) { samples = []; return; }
  const last = samples.at(-1);
  if (last && Number(done) < last.done) samples = [];
  samples.push({ now, done: Number(done) });
  samples = samples.filter((one) => now - one.now < WINDOW);
  const [first] = samples;
  const rate = ((Number(done) - first.done) * 1000) / (now - first.now);
  const line = document.getElementById("speed");
  if (!line || !(rate > 0)) return;
  const speed = say(words.speed, { n: rate.toFixed(rate < 10 ? 1 : 0) });
  const left = (Number(chunks) - Number(done)) / rate;
  // Nobody knows how long what has not been opened is.
  line.textContent = Number(queued) ? speed : `${speed}, ${say(words.left, { t: duration(left) })}`;
}
