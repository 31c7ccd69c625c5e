// What the router answers, case by case: the same text in every runtime.

/** `open` makes a router of a snapshot's text. */
export async function askAll(cases, open) {
  const said = [];
  for (const { text, now, asks } of cases) {
    const router = await open(text, { now: () => now, log: () => {} });
    said.push(asks.map(([session, startedAt]) => worded(router.route(session, { startedAt: startedAt ?? undefined }))));
  }
  return said;
}

function worded({ variant, weight }) {
  return `${variant} ${weight}`;
}
