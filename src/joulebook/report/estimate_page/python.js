// What translated formulas use of Python.
const py = {
  log: (x, base) => (base === undefined ? Math.log(x) : Math.log(x) / Math.log(base)),
  sum: (list, start = 0) => Array.from(list).reduce((a, b) => a + b, start),
  prod: (list) => Array.from(list).reduce((a, b) => a * b, 1),
  min: (...of) => Math.min(...(of.length === 1 ? of[0] : of)),
  max: (...of) => Math.max(...(of.length === 1 ? of[0] : of)),
  len: (list) => (Array.isArray(list) ? list.length : Object.keys(list).length),
  round: (x, places = 0) => {
    const scale = 10 ** places, up = x * scale, whole = Math.floor(up), rest = up - whole;
    return (rest > 0.5 || (rest === 0.5 && whole % 2 !== 0) ? whole + 1 : whole) / scale;
  },
  range: (from, to, step = 1) => {
    const [begin, end] = to === undefined ? [0, from] : [from, to], found = [];
    for (let at = begin; step > 0 ? at < end : at > end; at += step) found.push(at);
    return found;
  },
  zip: (...lists) => Array.from({ length: Math.min(...lists.map((one) => one.length)) }, (_, at) => lists.map((one) => one[at])),
  enumerate: (list, start = 0) => list.map((one, at) => [at + start, one]),
  sorted: (list) => Array.from(list).sort((a, b) => a - b),
  any: (list) => list.some(Boolean),
  all: (list) => list.every(Boolean),
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  floordiv: (a, b) => Math.floor(a / b),
  mod: (a, b) => a - b * Math.floor(a / b),
  within: (one, list) => (Array.isArray(list) ? list.includes(one) : String(one) in list),
  at: (list, key) => {
    const all = Array.isArray(list) || !list[Symbol.iterator] ? list : [...list];
    return Array.isArray(all) && key < 0 ? all[all.length + key] : all[key];
  },
  replaced: (one, changes) => Object.assign(Object.create(Object.getPrototypeOf(one)), one, changes),
};
