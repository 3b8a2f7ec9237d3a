// The draws of joulebook (draws.py) in JavaScript: 1010 stratified values of a source, in an order that belongs to its id.
"use strict";

const COUNT = 1010, LOW = 50, HIGH = 959, WIDEST = 300;

// SHAKE128 of FIPS 202, with lanes as pairs of 32 bits.
const ROUNDS = (() => {
  const found = [];
  let lfsr = 1;
  for (let round = 0; round < 24; round++) {
    let high = 0, low = 0;
    for (let j = 0; j < 7; j++) {
      if (lfsr & 1) {
        const bit = (1 << j) - 1;
        if (bit < 32) low ^= 1 << bit; else high ^= 1 << (bit - 32);
      }
      lfsr = lfsr & 128 ? ((lfsr << 1) ^ 0x171) & 255 : lfsr << 1;
    }
    found.push([high, low]);
  }
  return found;
})();

function permute(hi, lo) {
  const ch = new Int32Array(5), cl = new Int32Array(5);
  for (const [rh, rl] of ROUNDS) {
    for (let x = 0; x < 5; x++) {
      ch[x] = hi[x] ^ hi[x + 5] ^ hi[x + 10] ^ hi[x + 15] ^ hi[x + 20];
      cl[x] = lo[x] ^ lo[x + 5] ^ lo[x + 10] ^ lo[x + 15] ^ lo[x + 20];
    }
    for (let x = 0; x < 5; x++) {
      const a = (x + 4) % 5, b = (x + 1) % 5;
      const dh = ch[a] ^ ((ch[b] << 1) | (cl[b] >>> 31)), dl = cl[a] ^ ((cl[b] << 1) | (ch[b] >>> 31));
      for (let y = 0; y < 25; y += 5) { hi[x + y] ^= dh; lo[x + y] ^= dl; }
    }
    let x = 1, y = 0, th = hi[1], tl = lo[1];
    for (let t = 0; t < 24; t++) {
      [x, y] = [y, (2 * x + 3 * y) % 5];
      const at = x + 5 * y, turn = (((t + 1) * (t + 2)) / 2) % 64, by = turn % 32;
      let h = th, l = tl;
      if (turn >= 32) [h, l] = [l, h];
      const nh = by ? (h << by) | (l >>> (32 - by)) : h, nl = by ? (l << by) | (h >>> (32 - by)) : l;
      th = hi[at]; tl = lo[at]; hi[at] = nh; lo[at] = nl;
    }
    for (let row = 0; row < 25; row += 5) {
      for (let i = 0; i < 5; i++) { ch[i] = hi[row + i]; cl[i] = lo[row + i]; }
      for (let i = 0; i < 5; i++) {
        hi[row + i] = ch[i] ^ (~ch[(i + 1) % 5] & ch[(i + 2) % 5]);
        lo[row + i] = cl[i] ^ (~cl[(i + 1) % 5] & cl[(i + 2) % 5]);
      }
    }
    hi[0] ^= rh; lo[0] ^= rl;
  }
}

function shake(text, lanes) {
  const rate = 168, bytes = new TextEncoder().encode(text);
  const padded = new Uint8Array(Math.ceil((bytes.length + 1) / rate) * rate);
  padded.set(bytes);
  padded[bytes.length] = 0x1f;
  padded[padded.length - 1] |= 0x80;
  const view = new DataView(padded.buffer), hi = new Int32Array(25), lo = new Int32Array(25), found = [];
  for (let block = 0; block < padded.length; block += rate) {
    for (let i = 0; i < rate / 8; i++) {
      lo[i] ^= view.getInt32(block + 8 * i, true);
      hi[i] ^= view.getInt32(block + 8 * i + 4, true);
    }
    permute(hi, lo);
  }
  while (found.length < lanes) {
    for (let i = 0; i < rate / 8 && found.length < lanes; i++) found.push([hi[i] >>> 0, lo[i] >>> 0]);
    permute(hi, lo);
  }
  return found;
}

const orders = new Map();

function order(source) {
  if (!orders.has(source)) {
    const keys = shake(source, COUNT);
    const places = Array.from({ length: COUNT }, (_, at) => at);
    places.sort((a, b) => keys[a][0] - keys[b][0] || keys[a][1] - keys[b][1] || a - b);
    orders.set(source, places);
  }
  return orders.get(source);
}

// Two-piece log-normal through low, value and high; two-piece normal where low is not positive.
function leafDraws(value, low, high, places, scores) {
  const logs = low > 0 && Math.log(high) - Math.log(low) < WIDEST;
  const down = logs ? Math.log(value) - Math.log(low) : value - low;
  const up = logs ? Math.log(high) - Math.log(value) : high - value;
  const shape = scores.map((z) => (logs ? value * Math.exp(z * (z < 0 ? down : up)) : value + z * (z < 0 ? down : up)));
  shape[LOW] = low;
  shape[HIGH] = high;
  return Float64Array.from(places, (at) => shape[at]);
}
