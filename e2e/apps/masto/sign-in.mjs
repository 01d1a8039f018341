// How two members sign in to an app, by the page for consent.
import { createInterface } from "node:readline/promises";

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();

export const redirectUri = "urn:ietf:wg:oauth:2.0:oob";
export const scopes = ["read", "write", "follow", "push"];

// consent prints the address of the page, and reads the code from the input.
export async function consent(address) {
  console.log(address);
  return (await lines.next()).value.trim();
}

// until asks until it holds, as often as tests look.
export async function until(get, holds) {
  for (;;) {
    const got = await get();
    if (holds(got)) return got;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
}

export const picture = new Blob([Buffer.from("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==", "base64")], { type: "image/png" });
