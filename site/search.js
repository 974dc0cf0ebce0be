// Search without a server: entries of search-index.js, which is fetched when somebody begins to type.
(function () {
  "use strict";
  var box = document.getElementById("query");
  var list = document.getElementById("found");
  var said = document.getElementById("said");
  var MOST = 12;
  var asked = false;

  function words(text) { return text.toLowerCase().split(/\s+/).filter(Boolean); }

  // The higher the better, 0 for none: all words have to be there, best in the title.
  function score(entry, wanted) {
    var title = entry[0].toLowerCase(), text = (entry[0] + " " + entry[2]).toLowerCase(), sum = 0;
    for (var i = 0; i < wanted.length; i++) {
      if (text.indexOf(wanted[i]) < 0) return 0;
      if (title === wanted[i]) sum += 20;
      else if (title.indexOf(wanted[i]) === 0) sum += 8;
      else if (title.indexOf(wanted[i]) > 0) sum += 4;
      else sum += 1;
    }
    return sum + (wanted.length > 1 && text.indexOf(wanted.join(" ")) >= 0 ? 10 : 0);
  }

  function item(entry) {
    var li = document.createElement("li"), a = document.createElement("a");
    var more = document.createElement("span");
    a.href = entry[1];
    a.textContent = entry[0];
    more.textContent = entry[3] + (entry[2] ? ": " + entry[2].slice(0, 110) : "");
    a.appendChild(more);
    li.appendChild(a);
    return li;
  }

  function show() {
    var wanted = words(box.value), hits = [];
    list.textContent = "";
    said.textContent = "";
    if (!wanted.length || !window.lunikIndex) return;
    window.lunikIndex.forEach(function (entry, at) {
      var points = score(entry, wanted);
      if (points) hits.push([points, at, entry]);
    });
    hits.sort(function (a, b) { return b[0] - a[0] || a[1] - b[1]; });
    hits.slice(0, MOST).forEach(function (hit) { list.appendChild(item(hit[2])); });
    said.textContent = hits.length === 0 ? "nothing found" : hits.length > MOST
      ? MOST + " of " + hits.length : hits.length + " found";
  }

  function load() {
    if (asked) return;
    asked = true;
    var script = document.createElement("script");
    script.src = "search-index.js";
    script.onload = show;
    document.head.appendChild(script);
  }

  document.querySelector(".search").hidden = false;
  box.addEventListener("focus", load);
  box.addEventListener("input", function () { load(); show(); });
  document.querySelector(".search").addEventListener("submit", function (event) {
    var first = list.querySelector("a");
    event.preventDefault();
    if (first) location.href = first.href;
  });
  document.addEventListener("keydown", function (event) {
    var at = document.activeElement;
    if (event.key === "/" && at !== box) { event.preventDefault(); box.focus(); }
  });
  // on a phone the pages are folded away
  if (window.matchMedia("(max-width: 48rem)").matches) document.querySelector("nav details").open = false;
}());
