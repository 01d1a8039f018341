// People: found, followed, shunned, put into lists, filtered.
import assert from "node:assert/strict";
import { until } from "./sign-in.mjs";

export async function find(one, somebody, post, community) {
  const search = (q) => one.v2.search.list({ q, resolve: true });
  const [far] = (await search(somebody)).accounts;
  assert.equal(far.acct, somebody.slice(1));
  assert.equal((await search(post)).statuses[0].account.acct, far.acct);
  assert.deepEqual((await search(community)).accounts.map((a) => [a.acct, a.group]), [[community.slice(1), true]]);
  await one.v1.accounts.$select(far.id).follow();
  await until(() => one.v1.accounts.relationships.fetch({ id: [far.id] }), ([r]) => r.following);
}

export async function tie(one, other) {
  const related = async () => (await one.v1.accounts.relationships.fetch({ id: [other.me.id] }))[0];
  const at = one.v1.accounts.$select(other.me.id);
  assert.equal((await other.v1.accounts.updateCredentials({ locked: true, displayName: "L’autre" })).locked, true);
  assert.equal((await at.follow()).requested, true);
  assert.deepEqual((await other.v1.followRequests.list()).map((a) => a.acct), [one.me.acct]);
  await other.v1.followRequests.$select(one.me.id).authorize();
  assert.equal((await related()).following, true);
  assert.deepEqual((await other.v1.accounts.$select(other.me.id).followers.list()).map((a) => a.acct), [one.me.acct]);
  assert.ok((await one.v1.accounts.$select(one.me.id).following.list()).some((a) => a.id === other.me.id));
  assert.equal((await at.unfollow()).following, false);
  await at.follow();
  await other.v1.followRequests.$select(one.me.id).reject();
  assert.equal((await related()).requested, false);
  await other.v1.accounts.updateCredentials({ locked: false });
  assert.equal((await at.note.create({ comment: "Le voisin" })).note, "Le voisin");
}

export async function shun(one, other, host) {
  const at = one.v1.accounts.$select(other.me.id);
  assert.equal((await at.mute()).muting, true);
  assert.deepEqual((await one.v1.mutes.list()).map((a) => a.acct), [other.me.acct]);
  assert.equal((await at.unmute()).muting, false);
  assert.equal((await at.block()).blocking, true);
  assert.deepEqual((await one.v1.blocks.list()).map((a) => a.acct), [other.me.acct]);
  assert.equal((await at.unblock()).blocking, false);
  await one.v1.domainBlocks.create({ domain: host });
  assert.deepEqual(await one.v1.domainBlocks.list(), [host]);
  await one.v1.domainBlocks.remove({ domain: host });
  assert.deepEqual(await one.v1.domainBlocks.list(), []);
  const offer = await other.v1.statuses.create({ status: "@makers Achetez!" });
  assert.equal((await one.v1.reports.create({ accountId: other.me.id, statusIds: [offer.id], comment: "Une réclame" })).comment, "Une réclame");
}

export async function sort(one, other) {
  await one.v1.accounts.$select(other.me.id).follow();
  const near = one.v1.lists.$select((await one.v1.lists.create({ title: "Proches" })).id);
  await near.accounts.create({ accountIds: [other.me.id] });
  assert.deepEqual((await near.accounts.list()).map((a) => a.acct), [other.me.acct]);
  const p = await other.v1.statuses.create({ status: "Un #rabot de bois" });
  const list = await near.fetch();
  assert.equal((await one.v1.timelines.list.$select(list.id).list())[0].id, p.id);
  assert.equal((await near.update({ title: "Loin" })).title, "Loin");
  await near.accounts.remove({ accountIds: [other.me.id] });
  assert.deepEqual(await near.accounts.list(), []);
  await near.remove();
  assert.deepEqual(await one.v1.lists.list(), []);

  const sieve = await one.v2.filters.create({ title: "Bois", context: ["home"], filterAction: "hide", expiresIn: 3600, keywordsAttributes: [{ keyword: "bois", wholeWord: true }] });
  assert.deepEqual([sieve.keywords.map((k) => k.keyword), sieve.filterAction], [["bois"], "hide"]);
  const [held] = (await one.v1.statuses.$select(p.id).fetch()).filtered;
  assert.deepEqual([held.filter.title, held.keywordMatches], ["Bois", ["bois"]]);
  const word = await one.v2.filters.$select(sieve.id).keywords.create({ keyword: "rabot" });
  assert.deepEqual((await one.v2.filters.$select(sieve.id).keywords.list()).map((k) => k.keyword).sort(), ["bois", "rabot"]);
  await one.v2.filters.keywords.$select(word.id).remove();
  const kept = await one.v2.filters.$select(sieve.id).statuses.create({ statusId: p.id });
  await one.v2.filters.statuses.$select(kept.id).remove();
  assert.equal((await one.v2.filters.$select(sieve.id).update({ title: "Arbres", filterAction: "warn" })).title, "Arbres");
  await one.v2.filters.$select(sieve.id).remove();
  assert.deepEqual(await one.v2.filters.list(), []);

  assert.equal((await one.v1.tags.$select("rabot").follow()).following, true);
  assert.deepEqual((await one.v1.followedTags.list()).map((t) => t.name), ["rabot"]);
  assert.equal((await one.v1.tags.$select("rabot").fetch()).history[0].uses >= "1", true);
  assert.equal((await one.v1.timelines.tag.$select("rabot").list())[0].id, p.id);
  assert.equal((await one.v1.tags.$select("rabot").unfollow()).following, false);
}
