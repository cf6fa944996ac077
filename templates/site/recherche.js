"use strict";
// Search over window.INDEX_RECHERCHE, without any request: works on a page opened from the disk.
(() => {
  const PAGE = 30;
  const FIELDS = ["theme", "domaines", "palier", "niveau", "piece"];
  const form = document.getElementById("formulaire");
  const query = document.getElementById("q");
  const summary = document.getElementById("bilan");
  const list = document.getElementById("resultats");
  const more = document.getElementById("suite");
  let found = [];
  let words = [];
  let shown = 0;

  // Lower case, no accents, straight apostrophes; one sign for one sign, so that places in the text stay right.
  const plain = (text) =>
    Array.from(text, (sign) => {
      const bare = sign.normalize("NFD")[0].toLowerCase();
      return bare.length === sign.length ? bare : sign;
    }).join("").replace(/[’‘]/g, "'").replace(/[\u00a0\u202f]/g, " ");

  const entries = (window.INDEX_RECHERCHE || []).map((entry) => ({
    ...entry,
    plainId: plain(entry.id),
    plainTitle: plain(entry.titre),
    plainText: plain([entry.detail, entry.sources, entry.texte].filter(Boolean).join(" ")),
    plainBody: plain(entry.texte || ""),
  }));

  // Where a word begins in the text: « pes » is not in « étapes ».
  const begins = (text, word, from = 0) => {
    let at = text.indexOf(word, from);
    while (at > 0 && /[\p{L}\p{N}]/u.test(text[at - 1])) at = text.indexOf(word, at + 1);
    return at;
  };

  // Every word must be there; its place says what it is worth. 0 when one is missing.
  const score = (entry) => {
    let total = 0;
    for (const word of words) {
      if (entry.plainId === word) total += 100;
      else if (begins(entry.plainId, word) >= 0) total += 20;
      else if (begins(entry.plainTitle, word) >= 0) total += 10;
      else if (begins(entry.plainText, word) >= 0) total += 1;
      else return 0;
    }
    return total || 1;
  };

  const kept = (entry) =>
    FIELDS.every((name) => {
      const wanted = document.getElementById(name).value;
      return !wanted || (entry[name] || "").split(" ").includes(wanted);
    });

  // The text with the words found marked, as nodes: nothing that an entry says becomes markup.
  const marked = (parent, text, bare) => {
    const spans = [];
    for (const word of words) {
      for (let at = begins(bare, word); at >= 0; at = begins(bare, word, at + word.length)) spans.push([at, at + word.length]);
    }
    spans.sort((one, other) => one[0] - other[0]);
    let end = 0;
    for (const [start, stop] of spans) {
      if (start < end) continue;
      parent.append(text.slice(end, start));
      const mark = document.createElement("mark");
      mark.textContent = text.slice(start, stop);
      parent.append(mark);
      end = stop;
    }
    parent.append(text.slice(end));
  };

  const excerpt = (entry) => {
    const places = words.map((word) => begins(entry.plainBody, word)).filter((place) => place >= 0);
    const around = Math.max(0, (places.length ? Math.min(...places) : 0) - 60);
    const start = around ? entry.plainBody.indexOf(" ", around) + 1 : 0;
    const stop = start + 200 < entry.texte.length ? entry.plainBody.lastIndexOf(" ", start + 200) : entry.texte.length;
    return [start, Math.max(stop, start)];
  };

  const item = (entry) => {
    const row = document.createElement("li");
    const link = document.createElement("a");
    link.href = entry.lien;
    const title = entry.genre === "clause" ? `${entry.id} ${entry.titre}` : entry.titre;
    const wording = document.createElement("span");
    marked(wording, title, plain(title));
    link.append(wording);
    const kind = document.createElement("p");
    kind.className = "genre";
    kind.textContent = [entry.genre, entry.detail, entry.palier && `palier ${entry.palier}`, entry.niveau].filter(Boolean).join(" · ");
    row.append(link, kind);
    if (entry.texte) {
      const [start, stop] = excerpt(entry);
      const text = document.createElement("p");
      text.append(start ? "… " : "");
      marked(text, entry.texte.slice(start, stop), entry.plainBody.slice(start, stop));
      text.append(stop < entry.texte.length ? " …" : "");
      row.append(text);
    }
    return row;
  };

  const show = () => {
    list.append(...found.slice(shown, shown + PAGE).map(item));
    shown = Math.min(shown + PAGE, found.length);
    more.hidden = shown >= found.length;
  };

  const search = () => {
    words = [...new Set(plain(query.value).split(/\s+/).filter(Boolean))];
    const filtered = FIELDS.some((name) => document.getElementById(name).value);
    list.replaceChildren();
    found = [];
    shown = 0;
    if (words.length || filtered) {
      found = entries
        .filter((entry) => (!filtered || entry.genre === "clause") && kept(entry))
        .map((entry) => [score(entry), entry])
        .filter(([points]) => points > 0)
        .sort((one, other) => other[0] - one[0] || one[1].id.localeCompare(other[1].id))
        .map(([, entry]) => entry);
      summary.textContent = found.length < 2 ? `${found.length} résultat` : `${found.length} résultats`;
    } else {
      summary.textContent = "";
    }
    show();
  };

  form.hidden = false;
  const asked = new URLSearchParams(location.search).get("q");
  if (asked) query.value = asked;
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  query.addEventListener("input", search);
  FIELDS.forEach((name) => document.getElementById(name).addEventListener("change", search));
  more.addEventListener("click", () => {
    const first = shown;
    show();
    list.children[first].querySelector("a").focus();
  });
  window.addEventListener("pageshow", search); // also when the reader comes back: the browser has kept the words
})();
