// Quantities of joulebook (quantity.py) in JavaScript: values, intervals and draws of a list of operations.

const bounds = (draws, value) => {
  const ordered = Float64Array.from(draws);
  if (ordered.some(Number.isNaN)) return [NaN, NaN];
  ordered.sort();
  return [Math.min(ordered[LOW], value), Math.max(ordered[HIGH], value)];
};

const median = (draws) => {
  const ordered = Float64Array.from(draws).sort();
  return (ordered[COUNT / 2 - 1] + ordered[COUNT / 2]) / 2;
};

class Graph {
  constructor(operations, inputs, scores) {
    Object.assign(this, { operations, inputs, scores });
    this.below = operations.map(() => null);
  }

  // The inputs that an operation rests on, as a set of places.
  under(place) {
    if (this.below[place] === null) {
      const { op, of = [], input } = this.operations[place];
      const found = new Set(op === "input" ? [input] : []);
      for (const part of of) for (const one of this.under(part)) found.add(one);
      this.below[place] = found;
    }
    return this.below[place];
  }

  // Everything at these inputs: a list of [value, low, high].
  evaluate(amounts) {
    this.leaves = this.inputs.map(({ source, places }, at) => {
      const [value, low, high] = amounts[at];
      if (low === high) return { value, draws: null };
      return { value, draws: leafDraws(value, low, high, places || order(source), this.scores) };
    });
    this.nodes = [];
    this.powers = new Map();
    this.operations.forEach((one, place) => { this.nodes[place] = this.node(one, this.nodes, -1); });
  }

  // A figure with its interval.
  figure(place) {
    const { value, draws } = this.nodes[place];
    const [low, high] = draws ? bounds(draws, value) : [value, value];
    return { value, low, high };
  }

  // The draws of a figure when everything that one source owns is held at its value.
  held(place, source) {
    const held = new Set(this.inputs.flatMap((one, at) => (one.source === source ? [at] : [])));
    const found = [];
    const visit = (at) => {
      if (found[at]) return;
      const one = this.operations[at];
      if (![...this.under(at)].some((input) => held.has(input))) {
        found[at] = this.nodes[at];
        return;
      }
      for (const part of one.of || []) visit(part);
      found[at] = one.op === "input" ? { value: this.nodes[at].value, draws: null } : this.node(one, found);
    };
    visit(place);
    return found[place];
  }

  node(one, nodes) {
    if (one.op === "exact") return { value: one.value, draws: null };
    if (one.op === "input") return this.leaves[one.input];
    const parts = one.of.map((at) => nodes[at]);
    const step = one.op === "powers" ? this.alone(one, parts) : this.step(one);
    const value = step(parts.map((part) => part.value));
    if (parts.every((part) => part.draws === null)) return { value: this.kept(one, value, null), draws: null };
    const draws = new Float64Array(COUNT), operands = new Array(parts.length);
    for (let i = 0; i < COUNT; i++) {
      for (let j = 0; j < parts.length; j++) operands[j] = parts[j].draws === null ? parts[j].value : parts[j].draws[i];
      draws[i] = step(operands);
    }
    const uncertain = parts.filter((part) => part.draws !== null).length;
    const linear = one.op === "x" ? uncertain < 2 : one.op !== "/" || parts[0].draws === null || parts[1].draws === null;
    return { value: linear ? this.kept(one, value, draws) : median(draws), draws };
  }

  // The value of a formula as its estimator takes it: at the values of its operands, or the median.
  kept(one, value, draws) {
    if (one.value === "median" && draws !== null) return median(draws);
    return one.scale === undefined ? value : value * one.scale;
  }

  // A formula at the values of its inputs, times what the range of each does to it alone, as a power (ranged.py).
  alone(one, parts) {
    if (!this.powers.has(one)) {
      const formula = CALLS[one.call], values = parts.map((part) => part.value), result = formula(values);
      const exponents = parts.map(({ value, draws }, at) => {
        if (draws === null) return null;
        return bounds(draws, value).map((end) =>
          end === value ? 1 : Math.log(formula(values.map((own, place) => (place === at ? end : own))) / result) / Math.log(end / value));
      });
      this.powers.set(one, { values, exponents, result });
    }
    const { values, exponents, result } = this.powers.get(one);
    return (draws) => {
      let found = result;
      for (let at = 0; at < draws.length; at++) {
        if (exponents[at] === null || draws[at] === values[at]) continue;
        found *= (draws[at] / values[at]) ** exponents[at][draws[at] < values[at] ? 0 : 1];
      }
      return found;
    };
  }

  step({ op, by, call }) {
    switch (op) {
      case "+": return ([a, b]) => a + b;
      case "-": return ([a, b]) => a - b;
      case "x": return ([a, b]) => (a * b * by[0]) / by[1];
      case "/": return ([a, b]) => ((a / b) * by[0]) / by[1];
      case "to": return ([a]) => (a * by[0]) / by[1];
      case "sum": return (all) => all.reduce((a, b) => a + b, 0);
      default: return CALLS[call];
    }
  }

  // The sources that cause most of the range of a figure, the widest first: share of the variance, and what is left.
  causes(place, count) {
    const whole = this.nodes[place];
    if (whole.draws === null) return [];
    const logs = whole.draws.every((draw) => draw > 0);
    const spread = variance(whole.draws, logs);
    const sources = new Set([...this.under(place)].filter((at) => this.leaves[at].draws !== null).map((at) => this.inputs[at].source));
    const found = [...sources].map((source) => {
      const { draws } = this.held(place, source);
      const left = draws === null ? 0 : variance(draws, logs && draws.every((draw) => draw > 0));
      const [low, high] = draws === null ? [whole.value, whole.value] : bounds(draws, whole.value);
      return { source, low, high, share: spread > 0 && Number.isFinite(left) ? Math.min(Math.max(1 - left / spread, 0), 1) : 0 };
    });
    return found.sort((a, b) => b.share - a.share).slice(0, count);
  }
}

function variance(draws, logs) {
  const values = logs ? draws.map(Math.log) : draws;
  const mean = values.reduce((a, b) => a + b, 0) / COUNT;
  return values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / COUNT;
}
