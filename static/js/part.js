// A part of a page, asked of the server for the page that is open; null where there is none.

export async function part(address, options = {}) {
  const asked = { ...options, headers: { "HX-Request": "true" } };
  const answer = await fetch(address, asked).catch(() => null);
  if (!answer?.ok) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}
