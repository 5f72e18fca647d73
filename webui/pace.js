// How long a frame truly takes: until the graphics have drawn it, not only heard of it.
const SLOW_MS = 40;
const QUICK_MS = 30; // what was slow must become this quick: it should not change to and fro
const LOOK_MS = 4;

export class Pace {
  slow = false;

  #begun = 0;

  // `drawn` is called when a frame is there.
  constructor(drawn) { this.drawn = drawn; }

  // Whether it is better to wait than to ask for one more.
  get behind() { return this.#begun > 0 && performance.now() - this.#begun > SLOW_MS; }

  // To be called when a frame has been asked of these contexts.
  measure(contexts) {
    if (this.#begun || !contexts.every((gl) => gl.fenceSync)) return;
    this.#begun = performance.now();
    const fences = contexts.map((gl) => [gl, gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)]);
    contexts.forEach((gl) => gl.flush());
    this.#await(fences);
  }

  #await(fences) {
    if (fences.some(isOpen)) return setTimeout(() => this.#await(fences), LOOK_MS);
    fences.forEach(([gl, fence]) => gl.deleteSync(fence));
    this.slow = performance.now() - this.#begun > (this.slow ? QUICK_MS : SLOW_MS);
    this.#begun = 0;
    return this.drawn();
  }
}

function isOpen([gl, fence]) {
  return fence && !gl.isContextLost() && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED;
}
