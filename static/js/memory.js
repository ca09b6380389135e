// What does this browser remember? Storage may be blocked; then nothing is kept and nothing breaks.

export function recall(name) {
  try {
    return localStorage.getItem(name);
  } catch {
    return null;
  }
}

export function remember(name, value) {
  try {
    localStorage.setItem(name, value);
  } catch {
    // The choice then lasts for this page.
  }
}
