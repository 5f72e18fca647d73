// Measures how long the GPU takes for a frame. The time until the draw calls return says
// little, because browsers draw asynchronously.
const MAX_MS = 40;
const RECOVERED_MS = 30; // lower than the maximum, so that the state does not flicker
const POLL_MS = 4;

export class FrameBudget {
  isExceeded = false;

  #started = 0;

  // `drawn()` is called when a frame is finished.
  constructor(drawn) {
    this.drawn = drawn;
  }

  // Return true if the current frame takes so long that another must not be requested.
  get isBlocked() {
    return this.#started > 0 && performance.now() - this.#started > MAX_MS;
  }

  // Call this after the draw calls of a frame.
  measure(contexts) {
    if (this.#started || !contexts.every((gl) => gl.fenceSync)) return;
    this.#started = performance.now();
    const fences = contexts.map((gl) => [gl, gl.fenceSync(gl.SYNC_GPU_COMMANDS_COMPLETE, 0)]);
    contexts.forEach((gl) => gl.flush());
    this.#wait(fences);
  }

  #wait(fences) {
    if (fences.some(isPending)) {
      setTimeout(() => this.#wait(fences), POLL_MS);
      return;
    }
    fences.forEach(([gl, fence]) => gl.deleteSync(fence));
    const limit = this.isExceeded ? RECOVERED_MS : MAX_MS;
    this.isExceeded = performance.now() - this.#started > limit;
    this.#started = 0;
    this.drawn();
  }
}

function isPending([gl, fence]) {
  const isDrawing = fence && !gl.isContextLost();
  return isDrawing && gl.getSyncParameter(fence, gl.SYNC_STATUS) !== gl.SIGNALED;
}
