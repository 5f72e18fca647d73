// A queue of uploads. At most `concurrency` run at the same time.
export class UploadQueue {
  #waiting = [];
  #running = 0;
  finished = 0;
  total = 0;

  // `upload(job)` returns a promise that resolves when the job is finished, whatever its
  // outcome. `changed()` is called when a job starts, `finishedOne()` when one is finished.
  constructor(upload, { concurrency = 3, changed = () => {}, finishedOne = () => {} } = {}) {
    Object.assign(this, { upload, concurrency, changed, finishedOne });
  }

  get isActive() {
    return this.#running > 0 || this.#waiting.length > 0;
  }

  get isRunning() {
    return this.#running > 0;
  }

  add(...jobs) {
    this.#waiting.push(...jobs);
    this.total += jobs.length;
    this.changed();
    while (this.#running < this.concurrency && this.#waiting.length) this.#next();
  }

  // Start counting again.
  reset() {
    this.finished = 0;
    this.total = 0;
  }

  async #next() {
    const job = this.#waiting.shift();
    if (!job) return;
    this.#running += 1;
    this.changed();
    await this.upload(job);
    this.#running -= 1;
    this.finished += 1;
    this.changed();
    this.finishedOne();
    this.#next();
  }
}
