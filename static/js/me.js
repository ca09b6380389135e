// What does the signed-in person change in passing? Preferences and favourites, through the API.

function csrfToken() {
  return /(?:^|; )(?:__Host-)?csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
}

function send(method, path, body = null) {
  return fetch(`/api/v1/me/${path}`, {
    method,
    credentials: "same-origin",
    headers: { "X-CSRFToken": csrfToken(), ...(body && { "Content-Type": "application/json" }) },
    body: body && JSON.stringify(body),
  });
}

export const patchMe = (fields) => send("PATCH", "", fields);
export const addFavourite = (code) => send("PUT", `favourites/${code}/`);
export const removeFavourite = (code) => send("DELETE", `favourites/${code}/`);
