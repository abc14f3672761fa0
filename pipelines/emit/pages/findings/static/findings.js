"use strict";
/*
 * The list of findings: filters, search, sorting, pages, and one case as a story. It works on the data block of the page
 * alone. Text from the data becomes text nodes only, so that none can become markup.
 */
(function () {
  const LINES = 100;
  const LINES_PRINTED = 1000;
  const FACETS = ["officer", "team", "rule", "state", "age", "inreturn"];
  const SEARCHED = ["ref", "case", "what", "todo", "recorded", "officer", "team", "note", "place", "rule"];
  const SORTED = [["", "What blocks first"], ["ref", "Your reference"], ["what", "What is wrong"], ["recorded", "What is recorded now"],
    ["officer", "Officer"], ["inreturn", "In this return?"], ["since", "First seen"]];
  const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
  const NONE = "Not recorded";

  const block = document.getElementById("findings-data");
  if (!block) return;
  const data = JSON.parse(block.textContent);
  const columns = data.columns;
  for (const column of Object.values(columns)) column.i = Int32Array.from(column.i);
  const weights = Int32Array.from(data.count);
  const count = weights.length;
  const at = (id) => document.getElementById(id);
  const title = document.title;

  const chips = [["all", "All to do"], ["blocks", "What blocks"], ...Object.entries(data.kinds), ["resolved", data.states.resolved], ["waived", data.states.waived]];

  /* ---- what the rows are ---- */

  const text = (name, row) => columns[name].t[columns[name].i[row]];
  const numbers = new Intl.NumberFormat("en-GB");
  const number = (value) => numbers.format(value);

  /** Which chips a row is under, as bits in their order: what is resolved or waived is under that alone. */
  const under = new Uint8Array(count);
  for (let row = 0; row < count; row++) {
    const state = text("state", row);
    let bits = 0;
    if (state === "resolved" || state === "waived") {
      bits = 1 << chips.findIndex(([name]) => name === state);
    } else {
      bits = 1 | (data.blocks[row] === "1" ? 2 : 0);
      const kind = chips.findIndex(([name]) => name === text("kind", row));
      if (kind > 0) bits |= 1 << kind;
    }
    under[row] = bits;
  }

  /** Rows of a case, made when the first case is looked at. */
  let rowsOfCase = null;
  function casesRows(reference) {
    if (!rowsOfCase) {
      rowsOfCase = new Map();
      for (let row = 0; row < count; row++) {
        const name = text("case", row);
        if (name === null) continue;
        if (!rowsOfCase.has(name)) rowsOfCase.set(name, []);
        rowsOfCase.get(name).push(row);
      }
    }
    return rowsOfCase.get(reference) || [];
  }

  const folded = new Map();
  function lower(name) {
    if (!folded.has(name)) folded.set(name, columns[name].t.map((one) => (one === null ? "" : one.toLowerCase())));
    return folded.get(name);
  }

  /*
   * ---- what is asked for: it stands in the address, so that a view can be kept and the back button works. What is
   * searched for does not: browsers keep addresses, and people search for people. It is kept with the entry of the
   * session's history, and goes from page to page of a list with `carried`. ----
   */

  let carried = "";

  function read() {
    const asked = new URLSearchParams(location.hash.slice(1));
    const kept = history.state && typeof history.state.q === "string" ? history.state.q : null;
    const found = {
      show: chips.some(([name]) => name === asked.get("show")) ? asked.get("show") : "all",
      q: kept === null ? asked.get("q") || carried : kept,
      sort: SORTED.some(([name]) => name === asked.get("sort")) ? asked.get("sort") : "",
      down: asked.get("down") === "1",
      page: Math.max(1, parseInt(asked.get("page"), 10) || 1),
      one: asked.get("case"),
    };
    for (const name of FACETS) {
      if (!asked.has(name)) { found[name] = -1; continue; }
      const wanted = asked.get(name) === "" ? null : asked.get(name);
      const place = columns[name].t.indexOf(wanted);
      found[name] = place < 0 ? columns[name].t.length : place;
    }
    return found;
  }

  function address(asked) {
    const said = new URLSearchParams();
    if (asked.show !== "all") said.set("show", asked.show);
    for (const name of FACETS) if (asked[name] >= 0) said.set(name, columns[name].t[asked[name]] || "");
    if (asked.sort) said.set("sort", asked.sort);
    if (asked.down) said.set("down", "1");
    if (asked.page > 1) said.set("page", String(asked.page));
    return "#" + said.toString();
  }

  /* ---- filtering and sorting ---- */

  function matches(words) {
    const ok = new Uint8Array(count).fill(1);
    for (const word of words.toLowerCase().split(/\s+/).filter(Boolean)) {
      const here = new Uint8Array(count);
      for (const name of SEARCHED) {
        const texts = lower(name);
        const hits = new Uint8Array(texts.length);
        let found = false;
        for (let one = 0; one < texts.length; one++) if (texts[one].includes(word)) { hits[one] = 1; found = true; }
        if (!found) continue;
        const places = columns[name].i;
        for (let row = 0; row < count; row++) here[row] |= hits[places[row]];
      }
      for (let row = 0; row < count; row++) ok[row] &= here[row];
    }
    return ok;
  }

  /** The rows asked for in their order, and the findings of each choice if everything else stays as it is. */
  function choose(asked) {
    const found = asked.q.trim() ? matches(asked.q) : null;
    const bit = 1 << chips.findIndex(([name]) => name === asked.show);
    const rows = [];
    const perBits = new Int32Array(1 << chips.length);
    const places = FACETS.map((name) => columns[name].i);
    const wanted = FACETS.map((name) => asked[name]);
    const sums = FACETS.map((name) => new Int32Array(columns[name].t.length + 1));
    for (let row = 0; row < count; row++) {
      if (found !== null && found[row] === 0) continue;
      let missed = -1;
      let misses = 0;
      for (let facet = 0; facet < FACETS.length; facet++) {
        if (wanted[facet] >= 0 && places[facet][row] !== wanted[facet]) { misses++; missed = facet; }
      }
      if (misses > 1) continue;
      if (misses === 0) perBits[under[row]] += weights[row];
      if ((under[row] & bit) === 0) continue;
      if (misses === 0) {
        rows.push(row);
        for (let facet = 0; facet < FACETS.length; facet++) sums[facet][places[facet][row]] += weights[row];
      } else {
        sums[missed][places[missed][row]] += weights[row];
      }
    }
    const perChip = chips.map((_chip, chip) => perBits.reduce((sum, part, bits) => (bits & (1 << chip) ? sum + part : sum), 0));
    return { rows: sorted(rows, asked), perChip, perFacet: Object.fromEntries(FACETS.map((name, facet) => [name, sums[facet]])) };
  }

  /** By counting, since the texts of a column are in their order already; rows without a text stand last either way. */
  function sorted(rows, asked) {
    if (!asked.sort) return asked.down ? rows.reverse() : rows;
    const { t, i } = columns[asked.sort];
    const last = t.length && t[t.length - 1] === null ? t.length - 1 : t.length;
    const place = (row) => (i[row] === last ? last : asked.down ? last - 1 - i[row] : i[row]);
    const starts = new Int32Array(t.length + 2);
    for (const row of rows) starts[place(row) + 1]++;
    for (let one = 1; one < starts.length; one++) starts[one] += starts[one - 1];
    const placed = new Array(rows.length);
    for (const row of rows) placed[starts[place(row)]++] = row;
    return placed;
  }

  /* ---- making elements ---- */

  function make(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) if (value !== null && value !== false) made.setAttribute(name, value);
    for (const child of children) if (child !== null && child !== "") made.append(child);
    return made;
  }

  function day(iso) {
    if (!iso) return "";
    const [year, month, one] = iso.split("-");
    return `${Number(one)} ${MONTHS[Number(month) - 1]} ${year}`;
  }

  const web = (link) => (/^https?:\/\//.test(link || "") ? link : null);
  const tagOf = (row) => {
    if (text("state", row) === "resolved" || text("state", row) === "waived") return data.states[text("state", row)];
    return data.blocks[row] === "1" ? "Blocks the return" : data.kinds[text("kind", row)] || "";
  };

  function wrong(row) {
    const rule = text("rule", row);
    const many = weights[row];
    const parts = [
      make("span", { class: "tag" + (data.blocks[row] === "1" ? " blocks" : "") }, tagOf(row)),
      make("span", { class: "what" }, text("what", row) || ""),
      make("span", { class: "todo" }, text("todo", row) || ""),
    ];
    if (many > 1) parts.push(make("span", { class: "small" }, `${number(many)} records have this.`));
    if (text("note", row)) parts.push(make("span", { class: "note" }, `Note: ${text("note", row)}`));
    const more = [data.why[rule] || "", text("place", row) ? `Where: ${text("place", row)}.` : "", `Rule ${rule}, finding ${text("id", row)}.`].filter(Boolean);
    const why = make("details", { class: "why" }, make("summary", null, "Why", make("span", { class: "unseen" }, `: ${text("what", row) || rule}`)));
    for (const sentence of more) why.append(make("p", null, sentence));
    if (data.pages[rule]) why.append(make("p", null, make("a", { href: data.pages[rule] }, `About rule ${rule}`)));
    parts.push(why);
    return parts;
  }

  function reference(row) {
    const name = text("case", row);
    const own = text("ref", row);
    if (name === null) return [own || "No single case"];
    const parts = [make("a", { href: "#case=" + encodeURIComponent(name) }, own || name)];
    if (own && own !== name) parts.push(make("span", { class: "small" }, name));
    return parts;
  }

  function line(row) {
    const state = text("state", row);
    const cell = (label, ...children) => make("td", { role: "cell", "data-label": label }, ...children);
    return make("tr", { role: "row" },
      make("th", { scope: "row", role: "rowheader" }, ...reference(row)),
      cell("What is wrong, what to do", ...wrong(row)),
      cell("What is recorded now", text("recorded", row) || ""),
      cell("Officer", text("officer", row) || "", text("team", row) ? make("span", { class: "small" }, text("team", row)) : null),
      cell("In this return?", text("inreturn", row) || ""),
      cell("First seen", day(text("since", row)), state ? make("span", { class: "small" }, data.states[state] || state) : null));
  }

  /* ---- the list ---- */

  let asked = read();
  let chosen = null;

  function show() {
    chosen = choose(asked);
    const pages = Math.max(1, Math.ceil(chosen.rows.length / LINES));
    asked.page = Math.min(asked.page, pages);
    const from = (asked.page - 1) * LINES;
    const lines = chosen.rows.slice(from, from + LINES);
    at("rows").replaceChildren(...lines.map(line));
    say(lines.length, from);
    showChips();
    FACETS.forEach(showFacet);
    showSort();
    showPages(pages);
  }

  function say(lines, from) {
    const all = chosen.rows.reduce((sum, row) => sum + weights[row], 0);
    const rows = chosen.rows.length;
    const found = `${number(all)} ${all === 1 ? "finding" : "findings"}`;
    const few = all === rows ? "" : ` in ${number(rows)} ${rows === 1 ? "line" : "lines"}`;
    const part = lines === rows ? "" : `; lines ${number(from + 1)} to ${number(from + lines)} are shown`;
    at("shown").textContent = rows ? `${found}${few}${part}.` : "No finding is as asked for. Clear a filter to see more.";
  }

  function showChips() {
    chips.forEach(([name], place) => {
      const input = at("show-" + name);
      input.checked = asked.show === name;
      input.parentNode.querySelector("b").textContent = number(chosen.perChip[place]);
    });
  }

  const examples = new Map();
  for (let row = 0; row < count; row++) if (!examples.has(columns.rule.i[row])) examples.set(columns.rule.i[row], text("what", row) || "");

  function choice(name, place) {
    const value = columns[name].t[place];
    if (value === null || value === undefined) return NONE;
    if (name === "state") return data.states[value] || value;
    if (name !== "rule") return value;
    const words = examples.get(place);
    return words ? `${words.length > 70 ? words.slice(0, 70).trimEnd() + " …" : words} (${value})` : value;
  }

  function showFacet(name) {
    const options = [make("option", { value: "-1" }, "All")];
    chosen.perFacet[name].forEach((sum, place) => {
      if (sum || place === asked[name]) options.push(make("option", { value: String(place) }, `${choice(name, place)}: ${number(sum)}`));
    });
    const select = at("f-" + name);
    select.replaceChildren(...options);
    select.value = String(asked[name]);
    // One choice alone is none.
    select.parentNode.hidden = columns[name].t.length < 2;
  }

  function showSort() {
    at("sort").value = asked.sort + (asked.down ? " down" : "");
    for (const head of document.querySelectorAll("th[data-sort]")) {
      const isSorted = head.dataset.sort === asked.sort;
      if (isSorted) head.setAttribute("aria-sort", asked.down ? "descending" : "ascending");
      else head.removeAttribute("aria-sort");
    }
  }

  function showPages(pages) {
    const nav = at("pages");
    nav.hidden = pages < 2;
    const link = (page, words, label) => page < 1 || page > pages || page === asked.page
      ? make("span", page === asked.page ? { "aria-current": "page" } : { class: "off" }, words)
      : make("a", { href: address({ ...asked, page }), "aria-label": label }, words);
    const near = [...new Set([1, asked.page - 1, asked.page, asked.page + 1, pages])].filter((page) => page >= 1 && page <= pages);
    const parts = [link(asked.page - 1, "Previous", "Previous page")];
    near.forEach((page, place) => {
      if (place && page - near[place - 1] > 1) parts.push(make("span", { class: "off" }, "…"));
      parts.push(link(page, number(page), `Page ${number(page)}`));
    });
    parts.push(link(asked.page + 1, "Next", "Next page"));
    nav.replaceChildren(...parts);
  }

  /** What a filter does: a new view in place of this one, from its first page. */
  function change(what) {
    asked = { ...asked, page: 1, ...what };
    history.replaceState({ q: asked.q }, "", address(asked));
    show();
  }

  function prepare() {
    at("chips").replaceChildren(...chips.map(([name, words]) => {
      const input = make("input", { type: "radio", name: "show", id: "show-" + name, value: name });
      input.addEventListener("change", () => change({ show: name }));
      return make("label", null, input, make("span", null, words + " ", make("b")));
    }));
    chips.forEach(([name], place) => {
      const bit = 1 << place;
      if ((name === "resolved" || name === "waived") && !under.some((bits) => bits & bit)) at("show-" + name).parentNode.hidden = true;
    });
    for (const name of FACETS) at("f-" + name).addEventListener("change", (event) => change({ [name]: Number(event.target.value) }));
    for (const [name, words] of SORTED) {
      at("sort").append(make("option", { value: name }, words));
      if (name) at("sort").append(make("option", { value: name + " down" }, words + ", last first"));
    }
    at("sort").addEventListener("change", (event) => {
      const [sort, down] = event.target.value.split(" ");
      change({ sort, down: down === "down" });
    });
    for (const head of document.querySelectorAll("th[data-sort]")) {
      const button = make("button", { type: "button" }, head.textContent);
      button.addEventListener("click", () => {
        const isSame = asked.sort === head.dataset.sort;
        change(isSame && asked.down ? { sort: "", down: false } : { sort: head.dataset.sort, down: isSame });
      });
      head.replaceChildren(button);
    }
    let waiting = 0;
    at("q").addEventListener("input", () => {
      clearTimeout(waiting);
      waiting = setTimeout(() => change({ q: at("q").value }), 60);
    });
    at("clear").addEventListener("click", () => {
      const none = Object.fromEntries(FACETS.map((name) => [name, -1]));
      at("q").value = "";
      change({ show: "all", q: "", ...none });
      at("q").focus();
    });
    at("filters").addEventListener("submit", (event) => { event.preventDefault(); clearTimeout(waiting); change({ q: at("q").value }); });
    at("more").open = matchMedia("(min-width: 48rem)").matches;
    at("filters").hidden = false;
    at("plain").hidden = true;
  }

  /* ---- one case ---- */

  function table(caption, head, rows) {
    return make("table", { class: "plain" }, make("caption", { class: "unseen" }, caption),
      make("thead", null, make("tr", null, ...head.map((words) => make("th", { scope: "col" }, words)))),
      make("tbody", null, ...rows.map(([first, ...others]) => make("tr", null, make("th", { scope: "row" }, first), ...others.map((words) => make("td", null, words))))));
  }

  function told(name) {
    const found = data.stories.cases[name];
    if (!found) return null;
    const word = (place) => (place < 0 ? null : data.stories.words[place]);
    const [stage, events, members] = found;
    const story = { stage: word(stage), events: [], members: [] };
    for (let n = 0; n < events.length; n += 3) story.events.push([events[n], word(events[n + 1]), word(events[n + 2])]);
    for (let n = 0; n < members.length; n += 2) story.members.push([word(members[n]), members[n + 1]]);
    return story;
  }

  function showCase(name) {
    const rows = casesRows(name);
    const story = told(name);
    const first = (column) => { const row = rows.find((one) => text(column, one)); return row === undefined ? null : text(column, row); };
    const own = first("ref");
    at("one-title").textContent = own ? `Case ${own}` : `Case ${name}`;
    const about = make("dl", { class: "about" });
    const facts = [["H-CLIC reference", name], ["Where it stands", story && story.stage], ["Officer", first("officer")], ["Team", first("team")], ["In this return?", first("inreturn")]];
    for (const [term, value] of facts) if (value) about.append(make("dt", null, term), make("dd", null, value));
    const link = web(first("link"));
    at("one-about").replaceChildren(about, ...(link ? [make("p", null, make("a", { href: link, rel: "noreferrer noopener" }, "Open the case in your own system"))] : []));
    at("one-findings").replaceChildren(...(rows.length
      ? rows.map((row) => make("li", null, ...wrong(row), text("recorded", row) ? make("span", { class: "small" }, `Recorded now: ${text("recorded", row)}`) : null,
        make("span", { class: "small" }, [text("since", row) ? `First seen ${day(text("since", row))}` : "", data.states[text("state", row)] || ""].filter(Boolean).join(". "))))
      : [make("li", null, "This case has no finding in this run.")]));
    at("one-household").replaceChildren(story && story.members.length
      ? table("Household", ["Who", "Age"], story.members.map(([who, age]) => [who, age === null ? "Not recorded" : String(age)]))
      : make("p", null, "No household member is recorded."));
    at("one-story").replaceChildren(story && story.events.length
      ? make("ol", { class: "timeline" }, ...story.events.map(([iso, words, detail]) => make("li", null, make("time", { datetime: iso }, day(iso)), make("span", { class: "what" }, words), detail ? make("span", { class: "small" }, detail) : null)))
      : make("p", null, "No day of this case is recorded."));
  }

  /* ---- which of the two is seen ---- */

  let left = null;
  let searched = "";
  let place = 0;

  function route(isFirst) {
    const before = asked;
    asked = read();
    carried = "";
    const isCase = asked.one !== null;
    if (isCase && before.one === null) { left = isFirst ? "#" : address(before); searched = isFirst ? "" : before.q; place = window.scrollY; }
    at("whole").hidden = isCase;
    at("one").hidden = !isCase;
    if (isCase) {
      showCase(asked.one);
      at("back").setAttribute("href", left || "#");
      document.title = `${at("one-title").textContent}, ${title}`;
      at("one-title").focus();
      window.scrollTo(0, 0);
      return;
    }
    document.title = title;
    history.replaceState({ q: asked.q }, "");
    at("q").value = asked.q;
    show();
    if (isFirst) return;
    if (before.one !== null) {
      window.scrollTo(0, place);
      const link = [...document.querySelectorAll("#rows th a")].find((one) => one.getAttribute("href") === "#case=" + encodeURIComponent(before.one));
      (link || at("list")).focus({ preventScroll: Boolean(link) });
    } else {
      at("list").focus();
      at("list").scrollIntoView();
    }
  }

  at("pages").addEventListener("click", () => { carried = asked.q; });
  at("back").addEventListener("click", () => { carried = searched; });
  prepare();
  window.addEventListener("hashchange", () => {
    // Links within the page, such as the one past the navigation, ask for no other view.
    if (location.hash.length > 1 && !location.hash.includes("=")) return;
    route(false);
  });
  route(!location.hash.includes("="));

  window.addEventListener("beforeprint", () => {
    if (at("whole").hidden || !chosen) return;
    const lines = chosen.rows.slice(0, LINES_PRINTED);
    at("rows").replaceChildren(...lines.map(line));
    say(lines.length, 0);
  });
  window.addEventListener("afterprint", () => { if (!at("whole").hidden) show(); });
})();
