// A small Fedify app, told what to do over /control and telling what it saw.
// Its parsing and its crypto are Fedify's: what it lists as received has passed
// Fedify's verification of our signatures.
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import {
  createFederation, exportJwk, generateCryptoKeyPair, importJwk, MemoryKvStore, signRequest, verifyObject, verifyRequest,
} from "@fedify/fedify";
import {
  Activity, Create, Delete, Endpoints, Follow, Like, Mention, Note, Person, PUBLIC_COLLECTION, Tombstone, Undo, Update,
} from "@fedify/vocab";
import { exportSpki, importMultibaseKey } from "@fedify/vocab-runtime";
import { Temporal } from "@js-temporal/polyfill";

const origin = new URL(process.env.ORIGIN);
const name = "judith";
const people = [name, "holger"]; // whose key is not hers
const keys = new Map(); // identifier → pairs
const notes = new Map(); // id → Note
const sent = new Map(); // id → activity, for Undo
const received = []; // {type, id, actor, object, raw}
const judged = []; // {type, id, inner, scheme, request, proof, spoilt, text}: what Fedify's own verifiers say
const caught = []; // bodies that Fedify sent to ourselves
const asked = []; // paths of GETs
let refused = []; // schemes of signatures that are answered 401

const federation = createFederation({
  kv: new MemoryKvStore(),
  allowPrivateAddress: true,
  firstKnock: process.env.FIRST_KNOCK || "draft-cavage-http-signatures-12",
});

federation
  .setActorDispatcher("/users/{identifier}", async (ctx, identifier) => {
    if (!people.includes(identifier)) return null;
    const pairs = await ctx.getActorKeyPairs(identifier);
    return new Person({
      id: ctx.getActorUri(identifier),
      preferredUsername: identifier,
      name: identifier,
      inbox: ctx.getInboxUri(identifier),
      outbox: ctx.getOutboxUri(identifier),
      endpoints: new Endpoints({ sharedInbox: ctx.getInboxUri() }),
      publicKey: pairs[0].cryptographicKey,
      assertionMethods: pairs.map((pair) => pair.multikey),
    });
  })
  .setKeyPairsDispatcher(async (_ctx, identifier) => {
    if (!keys.has(identifier)) keys.set(identifier, Promise.all(["RSASSA-PKCS1-v1_5", "Ed25519"].map(newPair)));
    return await keys.get(identifier);
  });

async function newPair(kind) {
  const pair = await generateCryptoKeyPair(kind);
  return {
    privateKey: await importJwk(await exportJwk(pair.privateKey), "private"),
    publicKey: await importJwk(await exportJwk(pair.publicKey), "public"),
  };
}

federation.setOutboxDispatcher("/users/{identifier}/outbox", () => ({ items: [...sent.values()] }));
federation.setObjectDispatcher(Note, "/notes/{id}", (ctx, { id }) => notes.get(ctx.getObjectUri(Note, { id }).href) ?? null);

federation
  .setInboxListeners("/users/{identifier}/inbox", "/inbox")
  .on(Activity, async (_ctx, activity) => {
    received.push({
      type: activity.constructor.name,
      id: activity.id?.href,
      actor: activity.actorId?.href,
      object: activity.objectId?.href,
      raw: await activity.toJsonLd(),
    });
  });

const context = () => federation.createContext(origin, undefined);
const fresh = (path) => new URL(`${path}${crypto.randomUUID()}`, origin);

// actor reads another server's actor as Fedify reads it: WebFinger, signed GET, parsing.
async function actor(handle, as = name) {
  const ctx = context();
  const documentLoader = await ctx.getDocumentLoader({ identifier: as });
  const found = await ctx.lookupObject(handle, { documentLoader });
  if (found == null) throw new Error(`cannot find ${handle}`);
  return found;
}

async function send(recipient, activity) {
  sent.set(activity.id.href, activity);
  await context().sendActivity({ identifier: name }, recipient, activity, { immediate: true });
  return { id: activity.id.href };
}

const me = () => context().getActorUri(name);

// written is a note as Fedify sends it, its proof in it: it is sent to ourselves first.
async function written(target, how) {
  const group = await actor(target);
  const made = note(group, { id: context().getObjectUri(Note, { id: crypto.randomUUID() }), content: `<p>True words by ${how}</p>` });
  const create = new Create({ id: fresh("/creates/"), actor: me(), object: made, to: PUBLIC_COLLECTION, cc: group.id });
  await context().sendActivity({ identifier: name }, { id: group.id, inboxId: new URL("/control/caught", origin) }, create, { immediate: true });
  return { body: caught.find((text) => text.includes(create.id.href)), object: made.id.href, inbox: group.inboxId.href };
}

// addressed to everybody, or to those whom a community lets read.
const addressed = (group, among) => among ? { to: group.id, cc: group.followersId } : { to: PUBLIC_COLLECTION, cc: group.id };

function note(group, { id, content, inReplyTo, updated, among }) {
  return new Note({
    id, content, attribution: me(), ...addressed(group, among),
    replyTarget: inReplyTo ? new URL(inReplyTo) : null,
    published: Temporal.Now.instant(), updated: updated ? Temporal.Now.instant() : null,
    tags: [new Mention({ href: group.id, name: group.preferredUsername?.toString() })],
  });
}

const doings = {
  async lookup({ target, as }) {
    return await (await actor(target, as)).toJsonLd();
  },
  async follow({ target }) {
    const group = await actor(target);
    return await send(group, new Follow({ id: fresh("/follows/"), actor: me(), object: group.id, to: group.id }));
  },
  async post({ target, content, inReplyTo, among }) {
    const group = await actor(target);
    const made = note(group, { id: context().getObjectUri(Note, { id: crypto.randomUUID() }), content, inReplyTo, among });
    if (!among) notes.set(made.id.href, made); // what is for some is shown by nobody but the community
    const create = new Create({ id: fresh("/creates/"), actor: me(), object: made, ...addressed(group, among) });
    return { ...await send(group, create), object: made.id.href };
  },
  async edit({ target, object, content }) {
    const group = await actor(target);
    const made = note(group, { id: new URL(object), content, updated: true });
    notes.set(object, made);
    return await send(group, new Update({ id: fresh("/updates/"), actor: me(), object: made, to: PUBLIC_COLLECTION, cc: group.id }));
  },
  async delete({ target, object }) {
    notes.delete(object);
    const tombstone = new Tombstone({ id: new URL(object) });
    return await send(await actor(target), new Delete({ id: fresh("/deletes/"), actor: me(), object: tombstone, to: PUBLIC_COLLECTION }));
  },
  async like({ target, object }) {
    return await send(await actor(target), new Like({ id: fresh("/likes/"), actor: me(), object: new URL(object) }));
  },
  async undo({ target, id }) {
    return await send(await actor(target), new Undo({ id: fresh("/undos/"), actor: me(), object: sent.get(id) }));
  },
  // knock posts a note under one scheme, or spoilt after it was signed, and gives the status.
  async knock({ target, scheme, spoil }) {
    const { body, object, inbox } = await written(target, scheme);
    const response = await fetch(await schemes[scheme](new URL(inbox), body, spoil));
    return { status: response.status, object, text: await response.text() };
  },
  // prove gives a note with its author's proof, to be passed on.
  async prove({ target }) {
    return await written(target, "proof");
  },
  // forward passes on what somebody else said, with a signature of our own, and without what
  // Mastodon forwards for if it is spoilt.
  async forward({ inbox, body, spoil }) {
    const activity = JSON.parse(spoil === "body" ? spoilt(body) : body);
    if (spoil) delete activity.signature;
    if (spoil === "proof") delete activity.proof;
    const [mine] = await pairsOf(name);
    const response = await fetch(await signRequest(posted(inbox, JSON.stringify(activity)), mine.privateKey, mine.keyId, {}));
    return { status: response.status, text: await response.text() };
  },
  async received() {
    return received;
  },
  async judged() {
    return judged;
  },
  async asked() {
    return asked;
  },
  async refuse({ schemes }) {
    refused = schemes;
  },
};

const spoilt = (text) => text.replace("True words", "Sold words");

const pairsOf = async (identifier) => await context().getActorKeyPairs(identifier);

const posted = (inbox, body) => new Request(inbox, { method: "POST", body, headers: { "content-type": "application/activity+json" } });

// signed signs as Fedify does, with the key of somebody else if that is how it is spoilt.
async function signed(spec, inbox, body, spoil) {
  const [mine] = await pairsOf(name);
  const [other] = await pairsOf("holger");
  return await spoiled(await signRequest(posted(inbox, body), (spoil === "key" ? other : mine).privateKey, mine.keyId, { spec }), spoil);
}

const schemes = {
  "cavage": async (inbox, body, spoil) => await signed("draft-cavage-http-signatures-12", inbox, body, spoil),
  "rsa-v1_5-sha256": async (inbox, body, spoil) => await signed("rfc9421", inbox, body, spoil),
  // Fedify signs requests with RSA only; its verifier reads this.
  "ed25519": async (inbox, body, spoil) => {
    const [, mine] = await pairsOf(name);
    const [, other] = await pairsOf("holger");
    const request = posted(inbox, body);
    request.headers.set("content-digest", await digestOf(body));
    const params = `("@method" "@target-uri" "content-digest");created=${Math.floor(Date.now() / 1000)};keyid="${mine.multikey.id.href}";alg="ed25519"`;
    const base = `"@method": POST\n"@target-uri": ${request.url}\n"content-digest": ${request.headers.get("content-digest")}\n"@signature-params": ${params}`;
    const value = await crypto.subtle.sign("Ed25519", (spoil === "key" ? other : mine).privateKey, new TextEncoder().encode(base));
    request.headers.set("signature-input", `sig1=${params}`);
    request.headers.set("signature", `sig1=:${Buffer.from(value).toString("base64")}:`);
    return await spoiled(request, spoil);
  },
};

const digestOf = async (text) =>
  `sha-256=:${Buffer.from(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text))).toString("base64")}:`;

// spoiled changes the body of a signed request, and its digest with it if that is how.
async function spoiled(request, how, change = spoilt) {
  if (how !== "body" && how !== "digest") return request;
  const body = change(await request.clone().text());
  const headers = new Headers(request.headers);
  const digest = await digestOf(body);
  if (how === "digest" && headers.has("content-digest")) headers.set("content-digest", digest);
  if (how === "digest" && headers.has("digest")) headers.set("digest", digest.replace("sha-256=:", "SHA-256=").slice(0, -1));
  return new Request(request.url, { method: request.method, headers, body });
}

function schemeOf(request) {
  const input = request.headers.get("signature-input");
  return input == null ? "cavage" : /alg="([^"]*)"/.exec(input)?.[1] ?? "unknown";
}

// keyLoader reads an Ed25519 key where we publish it, in assertionMethod, and gives it in the
// only form in which Fedify looks for keys of requests.
const keyLoader = (loader) => async (url, options) => {
  const found = await loader(url, options);
  const multikey = found.document.assertionMethod?.find((key) => key.id === url);
  if (multikey == null) return found;
  const publicKeyPem = await exportSpki(await importMultibaseKey(multikey.publicKeyMultibase));
  const document = { "@context": "https://w3id.org/security/v1", type: "CryptographicKey", id: url, owner: multikey.controller, publicKeyPem };
  return { ...found, document };
};

// judge hands a request to Fedify's verifiers: its signature, and the proof in it, or in
// what it announces.
async function judge(request) {
  const ctx = context();
  const loaders = { documentLoader: ctx.documentLoader, contextLoader: ctx.contextLoader };
  const activity = await request.clone().json();
  const inside = activity.proof == null && typeof activity.object === "object" ? activity.object : activity;
  const verified = async (one) => await verifyRequest(one.clone(), { ...loaders, documentLoader: keyLoader(loaders.documentLoader) });
  const proved = async (one) => await verifyObject(Activity, one, loaders) != null;
  const key = await verified(request);
  const proof = inside.proof == null ? null : await proved(inside);
  const believed = []; // of what is spoilt: nothing should be
  for (const how of ["body", "digest"]) {
    if (await verified(await spoiled(request, how, (text) => text + " ")) != null) believed.push(how);
  }
  if (proof && await proved({ ...inside, summary: "spoilt" })) believed.push("proof");
  judged.push({ type: activity.type, id: activity.id, inner: inside.id, scheme: schemeOf(request), request: key?.id?.href ?? null, proof,
    spoilt: believed, text: JSON.stringify(activity) });
}

// capable adds to judith what her software verifies, which Fedify has no words for.
async function capable(response) {
  if (!response.headers.get("content-type")?.includes("json")) return response;
  const document = await response.json();
  const ed25519 = "https://datatracker.ietf.org/doc/html/rfc9421#name-eddsa-using-curve-edwards25";
  document.generator = { type: "Application", implements: [{ href: ed25519 }] };
  return new Response(JSON.stringify(document), { status: response.status, headers: response.headers });
}

async function answer(request) {
  const url = new URL(request.url);
  if (url.pathname === "/control/caught") {
    caught.push(await request.text());
    return new Response(null, { status: 202 });
  }
  if (!url.pathname.startsWith("/control/")) {
    if (request.method === "POST") {
      if (refused.includes(schemeOf(request))) return new Response("refused", { status: 401 });
      await judge(request);
    } else asked.push(url.pathname);
    const response = await federation.fetch(request, { contextData: undefined });
    return url.pathname === `/users/${name}` ? await capable(response) : response;
  }
  try {
    return Response.json(await doings[url.pathname.slice("/control/".length)](await request.json()) ?? {});
  } catch (error) {
    return Response.json({ error: String(error?.stack ?? error) }, { status: 500 });
  }
}

createServer({ cert: readFileSync(process.env.CERT), key: readFileSync(process.env.KEY) }, async (req, res) => {
  const body = req.method === "GET" || req.method === "HEAD" ? undefined : Buffer.concat(await req.toArray());
  const headers = new Headers(Object.entries(req.headers).flatMap(([k, v]) => [v].flat().map((one) => [k, one])));
  const response = await answer(new Request(new URL(req.url, origin), { method: req.method, headers, body }));
  res.writeHead(response.status, Object.fromEntries(response.headers));
  res.end(Buffer.from(await response.arrayBuffer()));
}).listen(Number(origin.port), "127.0.0.1", () => console.log("ready"));
