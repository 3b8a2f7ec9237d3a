// The page: fields for every assumption, figures computed again, and what was changed in the address.
(() => {
  const data = JSON.parse(document.getElementById("data").textContent);
  const graph = new Graph(data.operations, data.inputs, data.scores);
  const known = data.inputs.map((one) => one.amounts.slice());
  const amounts = known.map((one) => one.slice());
  const PARTS = ["value", "low", "high"];
  const find = (query, within = document) => [...within.querySelectorAll(query)];
  const status = document.getElementById("status");

  const fields = known.map((_, at) => find(`[data-input="${at}"]`).map((cell, part) => {
    const field = document.createElement("input");
    field.type = "text";
    field.inputMode = "decimal";
    field.autocomplete = "off";
    field.spellcheck = false;
    field.setAttribute("aria-label", `${cell.dataset.label}, ${PARTS[part]}`);
    field.addEventListener("change", () => typedIn(at, part, field));
    cell.replaceChildren(field);
    return field;
  }));

  const changed = () => known.flatMap((one, at) => (one.some((amount, part) => amount !== amounts[at][part]) ? [at] : []));

  // A new value takes its range along; a new end beyond the value moves the value between the ends.
  function typedIn(at, part, field) {
    const amount = Number(field.value.trim().replace(",", "."));
    const [value, low, high] = amounts[at];
    let next = [value, low, high];
    if (part === 0) {
      const along = (end) => (end === value || value === 0 || amount > 0 !== value > 0 ? amount : (end * amount) / value);
      next = [amount, Math.min(along(low), amount), Math.max(along(high), amount)];
    } else {
      next[part] = amount;
      if (next[1] > value || next[2] < value) next[0] = next[1] > 0 ? Math.sqrt(next[1] * next[2]) : (next[1] + next[2]) / 2;
    }
    const right = field.value.trim() !== "" && next.every(Number.isFinite) && next[1] <= next[0] && next[0] <= next[2];
    field.toggleAttribute("aria-invalid", false);
    if (!right) {
      field.setAttribute("aria-invalid", "true");
      status.textContent = `${data.inputs[at].name}: give a number, low no higher than high. Figures are as before.`;
      return;
    }
    amounts[at] = next;
    show();
    remember();
  }

  function show() {
    graph.evaluate(amounts);
    const figures = new Map();
    const figure = (place) => {
      if (!figures.has(place)) figures.set(place, graph.figure(place));
      return figures.get(place);
    };
    for (const cell of find("[data-show]")) {
      const words = data.shown[Number(cell.dataset.show)];
      cell.textContent = said(figure(words.place), words, words.part);
    }
    find("[data-causes]").forEach((body, at) => causes(body, data.causes[at], figure(data.causes[at].place)));
    const moved = new Set(changed());
    fields.forEach((row, at) => {
      row.forEach((field, part) => {
        field.value = typed(amounts[at][part]);
        field.removeAttribute("aria-invalid");
      });
      row[0].closest("tr").classList.toggle("changed", moved.has(at));
    });
    const names = [...moved].map((at) => data.inputs[at].name);
    status.textContent = names.length ? `Changed: ${names.join(", ")}. Every figure is computed from that.` : "As it was estimated.";
    document.getElementById("reset").disabled = !names.length;
    document.body.classList.toggle("edited", names.length > 0);
  }

  function causes(body, words, whole) {
    const names = new Map(data.inputs.map((one) => [one.source, one.name]));
    const found = [{ what: "as it is", ...whole, change: "" }];
    graph.causes(words.place, data.most).forEach((one, at) => {
      const change = narrowing(whole, one.low, one.high);
      if (at === 0 || change !== SAME) found.push({ ...one, what: names.get(one.source), value: whole.value, change });
    });
    const rows = found.map((one) => {
      const row = document.getElementById("cause").content.firstElementChild.cloneNode(true);
      const most = whole.high || 1, per_cent = (end) => (100 * Math.max(end, 0)) / most;
      const [range, value] = find("rect", row);
      range.setAttribute("x", per_cent(one.low).toFixed(2));
      range.setAttribute("width", Math.max(per_cent(one.high) - per_cent(one.low), 0.4).toFixed(2));
      value.setAttribute("x", (per_cent(one.value) - 0.3).toFixed(2));
      row.querySelector(".what").textContent = one.what;
      row.querySelector(".left").textContent = said(one, words, "brief");
      row.querySelector(".change").textContent = one.change;
      return row;
    });
    body.replaceChildren(...rows);
  }

  // -- the address ------------------------------------------------------------------------------------------------

  const edits = () => Object.fromEntries(changed().map((at) => [data.inputs[at].key, amounts[at]]));

  function remember() {
    const text = changed().length ? encodeURIComponent(JSON.stringify(edits())) : "";
    if (location.hash.slice(1) !== text) location.replace(`#${text}`);
  }

  function recall() {
    let said = {};
    try {
      said = JSON.parse(decodeURIComponent(location.hash.slice(1)) || "{}");
    } catch {
      said = {};
    }
    data.inputs.forEach(({ key }, at) => {
      const one = said && Object.hasOwn(said, key) ? said[key] : null;
      const right = Array.isArray(one) && one.length === 3 && one.every(Number.isFinite) && one[1] <= one[0] && one[0] <= one[2];
      amounts[at] = (right ? one : known[at]).slice();
    });
    show();
  }

  async function copy(text, what) {
    const box = document.getElementById("copied");
    box.value = text;
    box.hidden = false;
    try {
      await navigator.clipboard.writeText(text);
      status.textContent = `${what} copied.`;
    } catch {
      box.focus();
      box.select();
      status.textContent = `${what} is in the box, selected: copy it from there.`;
    }
  }

  function plain() {
    const rows = find("#figures tbody tr");
    const figures = data.shown.filter(({ part }) => part === "amount").slice(0, rows.length).map((words) => ({ ...graph.figure(words.place), words }));
    const out = figures.map(({ value, low, high, words }, at) => {
      const to = (amount) => (amount * words.by[0]) / words.by[1];
      return { figure: rows[at].cells[0].textContent.trim(), value: to(value), low: to(low), high: to(high), unit: words.unit };
    });
    return JSON.stringify({ schema: "joulebook.estimate-page/1", changed: edits(), figures: out }, null, 1);
  }

  document.getElementById("reset").addEventListener("click", () => {
    known.forEach((one, at) => { amounts[at] = one.slice(); });
    show();
    remember();
  });
  document.getElementById("link").addEventListener("click", () => copy(location.href, "The address with your changes"));
  document.getElementById("json").addEventListener("click", () => copy(plain(), "Figures and changes as JSON"));
  addEventListener("hashchange", recall);
  for (const one of find("[data-script]")) one.hidden = false;
  recall();
})();
