// A mask as bits: 1 where the picture may change. Every shape has a hard edge (a pixel is in it when its middle is), so
// that what is painted is what is sent, to the last pixel. A change gives the box that it touched: [left, top, right, bottom).
export class Bits {
  constructor(width, height) {
    this.width = width;
    this.height = height;
    this.data = new Uint8Array(width * height);
  }

  get share() {
    let painted = 0;
    for (const bit of this.data) painted += bit;
    return painted / this.data.length;
  }

  clip(left, top, right, bottom) {
    const within = (value, most) => Math.max(0, Math.min(most, value));
    return [within(Math.floor(left), this.width), within(Math.floor(top), this.height), within(Math.ceil(right), this.width), within(Math.ceil(bottom), this.height)];
  }

  // A stroke from one point to another, as wide as twice the radius; a dot where both are the same.
  stroke(x0, y0, x1, y1, radius, bit) {
    const box = this.clip(Math.min(x0, x1) - radius, Math.min(y0, y1) - radius, Math.max(x0, x1) + radius, Math.max(y0, y1) + radius);
    const [dx, dy] = [x1 - x0, y1 - y0];
    const length = dx * dx + dy * dy;
    for (let y = box[1]; y < box[3]; y += 1) {
      for (let x = box[0]; x < box[2]; x += 1) {
        const [px, py] = [x + 0.5 - x0, y + 0.5 - y0];
        const along = length ? Math.max(0, Math.min(1, (px * dx + py * dy) / length)) : 0;
        if ((px - along * dx) ** 2 + (py - along * dy) ** 2 <= radius * radius) this.data[y * this.width + x] = bit;
      }
    }
    return box;
  }

  rectangle(left, top, width, height, bit) {
    const box = this.clip(Math.round(left), Math.round(top), Math.round(left + width), Math.round(top + height));
    for (let y = box[1]; y < box[3]; y += 1) this.data.fill(bit, y * this.width + box[0], y * this.width + Math.max(box[0], box[2]));
    return box;
  }

  // What a closed line surrounds (even-odd), row by row.
  polygon(points, bit) {
    const [xs, ys] = [points.map(([x]) => x), points.map(([, y]) => y)];
    const box = this.clip(Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys));
    for (let y = box[1]; y < box[3]; y += 1) {
      const cuts = [];
      for (let n = 0; n < points.length; n += 1) {
        const [[x0, y0], [x1, y1]] = [points[n], points[(n + 1) % points.length]];
        if (y0 <= y + 0.5 !== y1 <= y + 0.5) cuts.push(x0 + ((y + 0.5 - y0) * (x1 - x0)) / (y1 - y0));
      }
      cuts.sort((a, b) => a - b);
      for (let n = 0; n + 1 < cuts.length; n += 2) {
        const from = Math.max(0, Math.ceil(cuts[n] - 0.5));
        const to = Math.min(this.width, Math.ceil(cuts[n + 1] - 0.5));
        if (to > from) this.data.fill(bit, y * this.width + from, y * this.width + to);
      }
    }
    return box;
  }

  // The whole area of one kind around a point, up to where the other kind begins.
  fill(x, y, bit) {
    const start = Math.floor(y) * this.width + Math.floor(x);
    if (x < 0 || y < 0 || x >= this.width || y >= this.height || this.data[start] === bit) return [0, 0, 0, 0];
    const waiting = [start];
    while (waiting.length) {
      const at = waiting.pop();
      if (this.data[at] === bit) continue;
      const row = at - (at % this.width);
      let [left, right] = [at, at];
      while (left > row && this.data[left - 1] !== bit) left -= 1;
      while (right < row + this.width - 1 && this.data[right + 1] !== bit) right += 1;
      this.data.fill(bit, left, right + 1);
      for (const other of [-this.width, this.width]) {
        if (left + other < 0 || right + other >= this.data.length) continue;
        for (let n = left + other; n <= right + other; n += 1) {
          if (this.data[n] !== bit && (n === left + other || this.data[n - 1] === bit)) waiting.push(n);
        }
      }
    }
    return [0, 0, this.width, this.height];
  }

  invert() {
    for (let n = 0; n < this.data.length; n += 1) this.data[n] ^= 1;
    return [0, 0, this.width, this.height];
  }

  // From pixels (RGBA): where they are transparent, or, if nothing is, where they are white.
  read(pixels) {
    let hasAlpha = false;
    for (let n = 3; n < pixels.length && !hasAlpha; n += 4) hasAlpha = pixels[n] < 255;
    for (let n = 0; n < this.data.length; n += 1) {
      const at = 4 * n;
      const light = 0.299 * pixels[at] + 0.587 * pixels[at + 1] + 0.114 * pixels[at + 2];
      this.data[n] = hasAlpha ? Number(pixels[at + 3] < 128) : Number(light >= 128);
    }
    return [0, 0, this.width, this.height];
  }

  // To pixels as they are sent: alpha 0 where the picture may change, 255 where it stays.
  write(pixels) {
    for (let n = 0; n < this.data.length; n += 1) pixels[4 * n + 3] = this.data[n] ? 0 : 255;
  }
}
