/** Why an edge is there, in plain words: the subgroup U, and what the parts of f make of it. */
import { h } from "../ui/dom.js";
import { normalLink } from "../ui/links.js";
import { decisionOn, general } from "./explain.js";

/**
 * Return the sentence, or null where no orbit of the module has both simples.
 * @param {object} app
 * @param {import("./model.js").GraphModel} model
 * @param {number} source  position in the contents
 * @param {number} target
 * @returns {HTMLElement|null}
 */
export function plainReason(app, model, source, target) {
  const { criterion, labels } = model;
  const [L, K] = [labels[source], labels[target]];
  const both = criterion.orbits.filter((o) => o.entries.includes(source) && o.entries.includes(target));
  if (!both.length) return null;
  const occurring = criterion.occurringByOrbit(new Set([source]));
  const occursOn = (orbit) => occurring[criterion.orbits.indexOf(orbit)][orbit.entries.indexOf(target)];
  const orbit = both.find(occursOn) ?? both[0];
  const number = criterion.orbits.indexOf(orbit);
  const decision = decisionOn(criterion, number, source, target);
  const found = occursOn(orbit);
  const where = criterion.orbits.length > 1 ? `In orbit ${number + 1} of ${criterion.orbits.length}: ` : "";
  const words = found ? given(criterion, decision, found.parts, L, K) : refused(criterion, decision, L, K);
  const { plusOrder, minusSize } = decision;
  const usesU = criterion.parts.even || criterion.parts.odd;
  const silent = !found && model.matrix.at(source, target);
  return h(
    "p",
    { class: "edge-plain" },
    where,
    usesU
      ? [
          "U",
          subgroupName(app, model, orbit, decision.U),
          ` (order ${(plusOrder + minusSize).toLocaleString("en")}): the elements that act on ${vectors(criterion, orbit, source, L)} as `,
          minusSize ? "+1 or \u22121" : "+1 (none acts as \u22121)",
          ". ",
        ]
      : null,
    words,
    silent ? ` It comes from the orbits where v is 0: f(0) = ${general(criterion.parts.atZero)}.` : null,
  );
}

/** On what U acts by a sign. */
function vectors(criterion, orbit, source, L) {
  const at = orbit.entries.indexOf(source);
  const who = orbit.fixed[at] === orbit.dimensions[at] ? L : `the part of ${L} that the stabiliser fixes`;
  const isBiased = criterion.bias && orbit.trivial >= 0 && orbit.trivial !== at;
  return isBiased ? `${who} and on the constants` : who;
}

/** " = N1" with its link, where U is a normal subgroup that the record lists. */
function subgroupName(app, { record, module }, orbit, U) {
  const isByClasses = !module.spherical && !module.orbits && orbit.sizes.length === record.classes?.sizes.length;
  if (!isByClasses) return null;
  const classes = orbit.sizes.map((_, c) => c).filter((c) => U.plus[c] || U.minus[c]).join(",");
  const normal = (record.normal ?? []).find((n) => [...n.classes].sort((a, b) => a - b).join(",") === classes);
  return normal ? [" = ", normalLink(app, normal.label)] : null;
}

function space(dimension) {
  return `a space of dimension ${dimension}`;
}

function given(criterion, { even, odd, minusSize }, parts, L, K) {
  const f = criterion.activation.name;
  const out = [];
  if (parts.includes("even")) {
    out.push(`The even part of ${f} sends ${L} to the vectors that U fixes; in ${K} these are ${space(even)}`);
  }
  if (parts.includes("odd")) {
    const which = minusSize ? "on which U acts by the same sign" : "that U fixes";
    out.push(`The odd part of ${f} sends ${L} to the vectors ${which}; in ${K} these are ${space(odd)}`);
  }
  for (const name of parts) {
    if (name.startsWith("degree ")) out.push(`The part of degree ${name.split(" ")[1]} of ${f} has a component in ${K}`);
  }
  if (parts.includes("linear")) out.push(`The linear part of ${f} keeps ${K}`);
  if (parts.includes("constant")) out.push(`${f} has a constant part, and ${K} is trivial`);
  return `${out.join(". ")}. So ${K} occurs.`;
}

function refused(criterion, { minusSize }, L, K) {
  const { parts } = criterion;
  const out = [];
  if (parts.even) out.push("no vector other than 0 that U fixes");
  if (parts.odd && (minusSize || !parts.even)) {
    out.push(minusSize ? `${parts.even ? "none" : "no vector other than 0"} on which U acts by the same sign` : "no vector other than 0 that U fixes");
  }
  if (!out.length) return `No part of ${criterion.activation.name} leads from ${L} to ${K}. So ${K} does not occur.`;
  return `${K} has ${out.join(", and ")}. So ${K} does not occur.`;
}
