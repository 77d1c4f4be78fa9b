/** Links to the pages of the same group in other places. */

import { h } from "../ui/dom.js";

const LMFDB = "https://www.lmfdb.org/Groups/Abstract/";
const GROUPNAMES = "https://people.maths.bris.ac.uk/~matyd/GroupNames/";
/** Folders of GroupNames by the least order in them; above the last its front page is linked. */
const FOLDERS = [[1, 60], [61, 72]];

/**
 * @param {object} record
 * @returns {HTMLElement|null}
 */
export function elsewhere(record) {
  const { lmfdb, groupnames } = record.links ?? {};
  const links = [];
  if (lmfdb) links.push(["LMFDB ", lmfdb, LMFDB + encodeURIComponent(lmfdb)]);
  if (groupnames) links.push(["GroupNames ", groupnames, page(record.order, groupnames)]);
  if (links.length === 0) return null;
  return h("p", { class: "group-elsewhere" }, "The same group elsewhere: ",
    links.map(([where, name, href], i) => [i > 0 ? ", " : null,
      h("a", { href, rel: "external noreferrer", target: "_blank" }, where, name)]));
}

function page(order, name) {
  const folder = FOLDERS.find(([from, to]) => from <= order && order <= to);
  return folder ? `${GROUPNAMES}${folder[0]}/${encodeURIComponent(name)}.html` : GROUPNAMES;
}
