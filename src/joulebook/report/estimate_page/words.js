// Figures as joulebook words them (wording.py, estimated_sheets.py, typography.py).
const TOO_WIDE = 3, SAME = "as wide";

function digits(value, count = 3) {
  if (!Number.isFinite(value)) return "unknown";
  if (value === 0) return "0";
  const places = count - 1 - Math.floor(Math.log10(Math.abs(value)));
  const size = 10 ** -places;
  const text = places >= 0 ? value.toFixed(Math.min(places, 100)) : (Math.round(value / size) * size).toFixed(0);
  return text.includes(".") ? text.replace(/0+$/, "").replace(/\.$/, "") : text;
}

function scaled(value, scale) {
  if (!value) return scale.find(([size]) => size === 1) || scale[0];
  let chosen = scale[0];
  for (const step of scale) if (Number((Math.abs(value) / step[0]).toPrecision(3)) >= 1) chosen = step;
  return chosen;
}

// Long whole numbers by thousands.
const grouped = (text) => text.replace(/(?<![\d.])\d{5,}/g, (found) => Number(found).toLocaleString("en-US"));

// The amount, and its interval; where that is too wide the amount is "".
function amountAndInterval({ value, low, high }, { by, scale }) {
  const in_unit = (amount) => (amount * by[0]) / by[1];
  [value, low, high] = [in_unit(value), in_unit(value >= 0 ? Math.max(low, 0) : low), in_unit(high)];
  const exact = low === high, wide = !exact && (low <= 0 || high > TOO_WIDE * low);
  const pure = (text) => grouped(text.replace(/ 1$/, ""));
  const [size, symbol] = scaled(wide ? high : value, scale);
  if (wide) return ["", pure(`${digits(low / size)}-${digits(high / size)} ${symbol}`)];
  for (let count = 3; count < 7 && !exact; count++) {
    const [left, right] = [digits(low / size, count), digits(high / size, count)];
    if (left !== right) return [pure(`${digits(value / size, count)} ${symbol}`), pure(`${left}-${right} ${symbol}`)];
  }
  return [pure(`${digits(value / size)} ${symbol}`), ""];
}

function said(figure, words, part) {
  const [amount, interval] = amountAndInterval(figure, words);
  switch (part) {
    case "headline": return typeset(amount || interval);
    case "note": return typeset(amount ? (interval ? `90 % interval ${interval}` : "exact") : "90 % interval");
    case "brief": return typeset(interval || amount);
    case "amount": return typeset(amount || "\u2014");
    default: return typeset(interval);
  }
}

function narrowing(whole, low, high) {
  const far = Math.min(whole.low, low) > 0 && whole.high > TOO_WIDE * whole.low, of = far ? Math.log : (end) => end;
  const width = of(whole.high) - of(whole.low), rest = width > 0 ? (of(high) - of(low)) / width : 1;
  if (rest > 0.97) return SAME;
  if (rest < 0.02) return "no range is left";
  if (Math.abs(rest - 0.5) <= 0.05) return "half the range";
  return typeset(`${(100 * (1 - rest)).toFixed(0)} % narrower`);
}

function typeset(text) {
  return text
    .replace(/(?<=\d)-(?=\d)/g, "\u2013")
    .replace(/(?<=\/)-(?=\d)/g, "\u2212")
    .replace(/\bu(?=[JgL]\b)/g, "\u00b5")
    .replace(/(?<=\d) (?=%)/g, "\u00a0");
}

// A number as somebody would type it, with six digits.
const typed = (amount) =>
  amount === 0 || (Math.abs(amount) >= 1e-5 && Math.abs(amount) < 1e7)
    ? digits(amount, 6)
    : Number(amount.toPrecision(6)).toExponential().replace("e+", "e");
