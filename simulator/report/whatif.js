"use strict";
// The what-if part of a report: no request, no library. Every world's figures are polynomials in the sliders' positions; what is
// drawn is made of the worlds, as pages_figures of simulator/answers/what_if.py makes it, and tests hold both together.
(function () {
  const SVG = "http://www.w3.org/2000/svg";

  // --- figures of the worlds ---------------------------------------------------------------------------------------

  // All products of at most two coordinates, then the cube of each: products_of of ledger_emulator.py.
  function products(x) {
    const found = [1, ...x];
    for (let i = 0; i < x.length; i++) for (let j = i; j < x.length; j++) found.push(x[i] * x[j]);
    return [...found, ...x.map((at) => at * at * at)];
  }

  // Quantiles of sorted numbers, by linear interpolation.
  function quantiles(sorted, levels) {
    return levels.map((level) => {
      const at = level * (sorted.length - 1), low = Math.floor(at), high = Math.min(low + 1, sorted.length - 1);
      return sorted[low] + (sorted[high] - sorted[low]) * (at - low);
    });
  }

  // The latent figures at coordinates x in a state of the switches: a Float64Array of worlds for each.
  function evaluate(data, x, state) {
    const terms = products(x), { coefficients, steps, worlds } = data;
    return steps.map((step, k) => {
      const row = new Float64Array(worlds);
      for (let t = 0; t < terms.length; t++) {
        const by = terms[t] * step, start = ((state * steps.length + k) * terms.length + t) * worlds;
        for (let d = 0; d < worlds; d++) row[d] += by * coefficients[start + d];
      }
      return row;
    });
  }

  function mean(row) {
    let sum = 0;
    for (let d = 0; d < row.length; d++) sum += row[d];
    return sum / row.length;
  }

  // What the page draws at coordinates x in a state of the switches.
  function figures(data, x, state = 0) {
    const rows = evaluate(data, x, state), { told } = data, of = (name) => data.index[name].map((k) => rows[k]);
    const found = {};
    const probability = (name, instead, above) => {
      let before = null;
      found[name] = of(told.shares ? name : instead).map((row) => {
        const now = row.map((value) => told.shares ? Math.min(Math.max(value, 0), 1) : above ? +(value > 0) : +(value < 0));
        if (name === "exhausted" && before) for (let d = 0; d < now.length; d++) now[d] = Math.max(now[d], before[d]);
        before = now;
        return mean(now);
      });
    };
    probability("exhausted", "balance", false);
    probability("breach_annual", "annual_margin", true);
    probability("breach_cumulative", "cumulative_margin", true);
    for (const name of ["balance", "annual_margin", "cumulative_margin"]) {
      found[name] = of(name).map((row) => quantiles(row.slice().sort(), told.levels));
    }
    found.burden = of("burden").map(mean);
    return found;
  }

  // The coefficients as they stand in the page: base64 of deflated low bytes, then high bytes.
  async function unpack(text) {
    const packed = Uint8Array.from(atob(text.trim()), (letter) => letter.charCodeAt(0));
    const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("deflate"));
    const bytes = new Uint8Array(await new Response(stream).arrayBuffer()), half = bytes.length / 2;
    const found = new Int16Array(half);
    for (let n = 0; n < half; n++) found[n] = (bytes[half + n] << 8) | bytes[n];
    return found;
  }

  // --- the policy, exactly -------------------------------------------------------------------------------------------

  const digits = (text) => (text.split(".")[1] || "").length;

  // A decimal text as a whole number of 10^-places.
  function scaled(text, places) {
    const negative = text.startsWith("-"), [whole, part = ""] = text.replace("-", "").split(".");
    const found = BigInt(whole + part.padEnd(places, "0").slice(0, places));
    return negative ? -found : found;
  }

  function written(number, places) {
    const negative = number < 0n, text = String(negative ? -number : number).padStart(places + 1, "0");
    const plain = places ? `${text.slice(0, -places)}.${text.slice(-places)}`.replace(/0+$/, "").replace(/\.$/, "") : text;
    return (negative && plain !== "0" ? "-" : "") + plain;
  }

  // The operand of a lever at a step of its slider.
  function operand(lever, step) {
    const places = Math.max(digits(lever.low), digits(lever.high), digits(lever.shown_step));
    return written(scaled(lever.low, places) + BigInt(step) * scaled(lever.shown_step, places), places);
  }

  // A product rounded half up to a part of a unit, as fundsim rounds it.
  function times(text, by, part) {
    const places = digits(text) + digits(by), product = scaled(text, digits(text)) * scaled(by, digits(by));
    if (part === null) return written(product, places);
    const fine = Math.max(places, digits(part)), exact = product * 10n ** BigInt(fine - places), unit = scaled(part, fine);
    const twice = 2n * (exact < 0n ? -exact : exact) + unit, steps = twice / (2n * unit);
    return written((exact < 0n ? -steps : steps) * unit, fine);
  }

  function each(data, change) {
    if (Array.isArray(data)) return data.map((item) => each(item, change));
    if (data !== null && typeof data === "object") {
      return Object.fromEntries(Object.entries(data).map(([key, item]) => [key, each(item, change)]));
    }
    const mark = String(data).endsWith("%") ? "%" : "";
    return change(mark ? String(data).slice(0, -1) : String(data)) + mark;
  }

  // The change of a parameter, as a scenario file states it; what stands where the unchanged rules do is left out.
  function change(lever, by) {
    if (lever.verb === "plus") return { plus: by };
    return each(lever.template, (number) => lever.verb === "times" ? times(number, by, lever.part) : by);
  }

  function yaml(told, operands, chosen = []) {
    const moved = told.levers.flatMap((lever, n) => operands[n] === lever.at ? [] : [[lever.path, change(lever, operands[n])]])
      .concat(told.switches.flatMap((one, n) => chosen[n] ? [[one.path, one.options[chosen[n] - 1]]] : []));
    const policy = { "what-if": { changes: Object.fromEntries(moved) } };
    return [...told.lines, ...(moved.length ? [`policies: ${JSON.stringify(policy)}`] : []), ""].join("\n");
  }

  // Read what the page holds.
  async function load() {
    const told = JSON.parse(document.getElementById("what-if-told").textContent);
    const coefficients = await unpack(document.getElementById("what-if-data").textContent);
    return { told, coefficients, steps: told.steps, worlds: told.worlds, index: told.index };
  }

  // The number of a state in which each switch is at a setting, 0 being as stated.
  const stateOf = (told, chosen) => told.switches.reduce((state, one, n) => state * (one.options.length + 1) + chosen[n], 0);

  globalThis.whatIf = { figures, operand, yaml, load, products };
  if (typeof document === "undefined" || !document.getElementById("what-if-told")) return;

  // --- the page --------------------------------------------------------------------------------------------------------

  const page = document.getElementById("what-if"), part = (name) => page.querySelector(`[data-part="${name}"]`);

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (whole, name) => name in values ? values[name] : whole);
  }

  function element(name, attributes, parent, text) {
    const found = document.createElementNS(SVG, name);
    for (const key in attributes) found.setAttribute(key, attributes[key]);
    if (text !== undefined) found.textContent = text;
    parent.appendChild(found);
    return found;
  }

  function niceStep(length) {
    const power = 10 ** Math.floor(Math.log10(length)), over = length / power;
    return (over < 1.5 ? 0.2 : over < 3.5 ? 0.5 : over < 7.5 ? 1 : 2) * power;
  }

  function start(data) {
    const { told } = data, { words, years } = told, inputs = [...page.querySelectorAll("input[type=range]")];
    const selects = [...page.querySelectorAll("select")], chosen = () => selects.map((select) => Number(select.value));
    const format = (places) => {
      const found = new Intl.NumberFormat(told.lang, { minimumFractionDigits: places, maximumFractionDigits: places });
      return (value) => found.format(Math.abs(value) < 0.5 * 10 ** -places ? 0 : value).replace("-", "\u2212");
    };
    const plain = new Intl.NumberFormat(told.lang, { maximumFractionDigits: 9 });
    const grouped = (text) => text.endsWith("%") ? `${plain.format(text.slice(0, -1))}%` : plain.format(text);
    const percent = format(1), money = format(told.places), last = years.length - 1;
    const operands = () => inputs.map((input, n) => operand(told.levers[n], Number(input.value)));
    const position = (lever, text) => 2 * (Number(text) - Number(lever.low)) / (Number(lever.high) - Number(lever.low)) - 1;
    let width = 0, printed = false, pending = false, spoken = 0, now = null;

    // What a lever is at, in words: the number it makes where it is one number, else by how much.
    function said(lever, text) {
      if (lever.verb === "plus") return `${Number(text) > 0 ? "+" : ""}${text}`.replace("-", "\u2212") + ` ${lever.plus_unit}`;
      const one = typeof lever.template === "string" ? lever.template : null;
      if (lever.verb === "value") return `${grouped(text)} ${lever.unit_name}`;
      return one ? `${grouped(change(lever, text))} ${lever.unit_name}` : `×${text}`;
    }

    function moved(texts, settings) {
      const found = told.levers.flatMap((lever, n) => texts[n] === lever.at ? [] : [`${lever.name} ${said(lever, texts[n])}`])
        .concat(told.switches.flatMap((one, n) => settings[n] ? [`${one.name}${words.colon}${one.names[settings[n] - 1]}`] : []));
      return found.length ? fill(words.moved, { levers: found.join(words.comma) }) : words.unmoved;
    }

    function sentences(found, moves) {
      const old = told.baseline, range = found.balance[last];
      const gone = found.exhausted.findIndex((share) => share >= 0.5);
      return [
        fill(words.exhausted, { moved: moves, year: years[last], now: percent(100 * found.exhausted[last]),
                                before: percent(100 * old.exhausted[last]) })
          + (gone < 0 ? words.never : fill(words.half, { year: years[gone] })),
        fill(words.balance, { year: years[last], middle: money(range[2]), low: money(range[0]), high: money(range[4]),
                              before: money(old.balance[last][2]) }),
        fill(words.limits, { year: years[last], annual: percent(100 * found.breach_annual[last]),
                             cumulative: percent(100 * found.breach_cumulative[last]) }),
        fill(words.burden, { year: years[last], poor: percent(found.burden[0]), rich: percent(found.burden[4]),
                             before: percent(old.burden[0]) })];
    }

    // A drawing surface as wide as its place; the axis goes from low to high.
    function surface(name, height) {
      const svg = part(name).querySelector("svg"), wide = Math.max(printed ? { exhausted: 680, balance: 400 }[name] || 215 : part(name).clientWidth, 240);
      svg.setAttribute("viewBox", `0 0 ${wide} ${height}`);
      svg.replaceChildren();
      return { svg, wide, height, left: 52, right: wide - 8, top: 8, bottom: height - 24 };
    }

    function axes(at, low, high, show) {
      const y = (value) => at.bottom - (value - low) / (high - low || 1) * (at.bottom - at.top), step = niceStep(high - low);
      for (let value = Math.ceil(low / step) * step; value <= high + step / 1e6; value += step) {
        element("line", { x1: at.left, x2: at.right, y1: y(value), y2: y(value), class: Math.abs(value) < step / 1e6 ? "zero" : "grid" }, at.svg);
        element("text", { x: at.left - 6, y: y(value) + 4, "text-anchor": "end" }, at.svg, show(value));
      }
      return y;
    }

    const yearAt = (at, n) => years.length > 1 ? at.left + 12 + n * (at.right - at.left - 24) / (years.length - 1) : (at.left + at.right) / 2;

    function yearLabels(at) {
      const every = Math.ceil(years.length * 42 / (at.right - at.left));
      years.forEach((year, n) => {
        if ((years.length - 1 - n) % every === 0) element("text", { x: yearAt(at, n), y: at.height - 6, "text-anchor": "middle" }, at.svg, year);
      });
    }

    // Bands of the worlds by year, the median, and the unchanged rules' median.
    function fan(name, height) {
      const at = surface(name, height), scale = told.scales[name], y = axes(at, scale[0], scale[1], format(scale[2]));
      yearLabels(at);
      const line = (values) => values.map((value, n) => `${n ? "L" : "M"}${yearAt(at, n).toFixed(1)} ${y(value).toFixed(1)}`).join("");
      const bands = [element("path", { class: "wide-band" }, at.svg), element("path", { class: "narrow-band" }, at.svg)];
      const middle = element("path", { class: "median" }, at.svg);
      element("path", { class: "before", d: line(told.baseline[name].map((row) => row[2])) }, at.svg);
      return (rows) => {
        const of = (level) => rows.map((row) => Math.min(Math.max(row[level], scale[0]), scale[1]));
        bands.forEach((band, n) => {
          const up = line(of(4 - n)), down = of(n).map((value, k) => `L${yearAt(at, k).toFixed(1)} ${y(value).toFixed(1)}`).reverse().join("");
          band.setAttribute("d", `${up}${down}Z`);
        });
        middle.setAttribute("d", line(of(2)));
      };
    }

    // The probability of exhaustion by each year: a field that fills, with its number.
    function strip(height) {
      const at = surface("exhausted", height), wide = (at.right - at.left + 40) / years.length, shown = wide > 44 ? format(1) : format(0);
      at.left = 8;
      const cells = years.map((year, n) => {
        const x = at.left + n * (at.right - at.left) / years.length, cell = (at.right - at.left) / years.length - 3;
        element("rect", { x, y: at.top, width: cell, height: at.bottom - at.top, class: "cell" }, at.svg);
        const rect = element("rect", { x, width: cell, class: "filled" }, at.svg);
        const label = element("text", { x: x + cell / 2, y: at.top + 16, "text-anchor": "middle" }, at.svg);
        element("text", { x: x + cell / 2, y: height - 6, "text-anchor": "middle" }, at.svg, cell > 34 ? year : `'${String(year).slice(2)}`);
        return { rect, label };
      });
      return (shares) => cells.forEach(({ rect, label }, n) => {
        const high = shares[n] * (at.bottom - at.top);
        rect.setAttribute("y", at.bottom - high);
        rect.setAttribute("height", high);
        label.textContent = `${shown(100 * shares[n])}%`;
      });
    }

    // What each quintile bears: bars, with a mark where the unchanged rules stand.
    function bars(height) {
      const at = surface("burden", height), [low, high, places] = told.scales.burden, show = format(1);
      const y = axes(at, low, high, format(places)), wide = (at.right - at.left) / 5;
      const found = told.quintiles.map((name, n) => {
        const x = at.left + n * wide + wide * 0.2, rect = element("rect", { x, width: wide * 0.6, class: "bar" }, at.svg);
        const before = y(Math.min(Math.max(told.baseline.burden[n], low), high));
        element("line", { x1: x - 4, x2: x + wide * 0.6 + 4, y1: before, y2: before, class: "before" }, at.svg);
        element("text", { x: x + wide * 0.3, y: height - 6, "text-anchor": "middle" }, at.svg, name);
        return { rect, label: element("text", { x: x + wide * 0.3, "text-anchor": "middle" }, at.svg) };
      });
      return (shares) => found.forEach(({ rect, label }, n) => {
        const top = y(Math.min(Math.max(shares[n], low), high)), zero = y(Math.min(Math.max(0, low), high));
        rect.setAttribute("y", Math.min(top, zero));
        rect.setAttribute("height", Math.abs(zero - top));
        label.setAttribute("y", Math.max(Math.min(top, zero) - 5, 12));
        label.textContent = `${show(shares[n])}%`;
      });
    }

    let draw = null;

    // The surfaces are as wide as there is room: half a sheet on paper.
    function frame(wide, onPaper) {
      if (wide === width && onPaper === printed) return;
      [width, printed] = [wide, onPaper];
      const tall = printed ? [150, 64, 120, 120] : [260, 86, 200, 200];
      const drawn = [fan("balance", tall[0]), strip(tall[1]), fan("annual_margin", tall[2]), fan("cumulative_margin", tall[2]),
                     bars(tall[3])];
      draw = (found) => [found.balance, found.exhausted, found.annual_margin, found.cumulative_margin, found.burden]
        .forEach((rows, n) => drawn[n](rows));
    }

    const cells = years.map((year) => {
      const row = document.createElement("tr");
      return [year, ...Array(6)].map((text) => {
        const cell = document.createElement("td");
        cell.textContent = text === undefined ? "" : text;
        cell.className = "n";
        row.appendChild(cell);
        return cell;
      }).concat([row]);
    });
    part("table").replaceChildren(...cells.map((row) => row[7]));

    function update() {
      pending = false;
      const texts = operands(), settings = chosen(), state = stateOf(told, settings);
      const unmoved = !state && texts.every((text, n) => text === told.levers[n].at);               // known as it was simulated
      const found = unmoved ? told.baseline : figures(data, texts.map((text, n) => position(told.levers[n], text)), state);
      now = found;
      inputs.forEach((input, n) => {
        const words_of = said(told.levers[n], texts[n]);
        input.setAttribute("aria-valuetext", words_of);
        page.querySelector(`output[for="${input.id}"]`).textContent = words_of;
      });
      draw(found);
      const answer = sentences(found, moved(texts, settings));
      [...part("answer").children].forEach((place, n) => { place.textContent = answer[n]; });
      cells.forEach((row, n) => {
        const shown = [found.balance[n][0], found.balance[n][2], found.balance[n][4]].map(money)
          .concat([found.exhausted[n], found.breach_annual[n], found.breach_cumulative[n]].map((share) => `${percent(100 * share)}%`));
        shown.forEach((text, k) => { row[k + 1].textContent = text; });
      });
      part("file").textContent = yaml(told, texts, settings);
      clearTimeout(spoken);
      spoken = setTimeout(() => { part("spoken").textContent = answer[0]; }, 600);
    }

    function ask() {
      if (pending) return;
      pending = true;
      requestAnimationFrame(update);
    }

    async function copy() {
      const text = part("file").textContent;
      try {
        await navigator.clipboard.writeText(text);
      } catch (refused) {
        const range = document.createRange(), selection = getSelection();
        range.selectNodeContents(part("file"));
        selection.removeAllRanges();
        selection.addRange(range);
        document.execCommand("copy");
      }
      part("copied").textContent = words.copied;
    }

    function save() {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(new Blob([part("file").textContent], { type: "application/yaml" }));
      link.download = "what-if.yaml";
      link.click();
      URL.revokeObjectURL(link.href);
    }

    const room = () => part("balance").clientWidth;
    inputs.forEach((input) => input.addEventListener("input", ask));
    selects.forEach((select) => select.addEventListener("change", ask));
    part("reset").addEventListener("click", () => {
      inputs.forEach((input) => { input.value = input.defaultValue; });
      selects.forEach((select) => { select.value = "0"; });
      ask();
    });
    part("copy").addEventListener("click", copy);
    part("save").addEventListener("click", save);
    new ResizeObserver(() => { const wide = room(); if (wide && !printed && wide !== width) { frame(wide, false); ask(); } }).observe(part("balance"));
    addEventListener("beforeprint", () => { frame(width, true); draw(now); });
    addEventListener("afterprint", () => { frame(room(), false); draw(now); });
    frame(room(), false);
    update();
    page.classList.add("moving");
    page.querySelectorAll("[data-part=controls] :disabled").forEach((input) => { input.disabled = false; });
  }

  load().then(start).catch((fault) => { part("fault").hidden = false; console.error(fault); });
})();
