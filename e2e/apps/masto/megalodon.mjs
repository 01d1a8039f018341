// Two members do what megalodon can do, and compare what each sees. The arguments are the server, somebody
// elsewhere, the address of a post of theirs, a community there, and where pushes come to.
import assert from "node:assert/strict";
import generator, { detector } from "megalodon";
import { consent, redirectUri, scopes, until } from "./sign-in.mjs";

const [url, somebody, post, community, courier] = process.argv.slice(2);
const software = await detector(url);
assert.equal(software, "mastodon");

async function enter() {
  const app = await generator(software, url).registerApp("Requin", { scopes, redirect_uris: redirectUri });
  const token = await generator(software, url).fetchAccessToken(app.client_id, app.client_secret, await consent(app.url), redirectUri);
  const client = generator(software, url, token.access_token);
  const me = (await client.verifyAccountCredentials()).data;
  return { client, me, leave: () => client.revokeToken(app.client_id, app.client_secret, token.access_token) };
}

const { client: one, me, leave } = await enter();
const { client: other, me: them } = await enter();
const got = async (answer) => (await answer).data;

// Posts.
for (const visibility of ["public", "unlisted", "private", "direct"]) {
  const p = await got(one.postStatus(`@makers @${them.acct} Bonjour`, { visibility, spoiler_text: "Attention", sensitive: true }));
  assert.deepEqual([p.visibility, p.spoiler_text, p.sensitive], [visibility, "Attention", true]);
}
const p = await got(one.postStatus("Une #gouge de bois"));
const polled = await got(one.postStatus("Laquelle?", { poll: { options: ["Rouge", "Bleue"], expires_in: 3600 } }));
assert.deepEqual((await got(other.votePoll(polled.poll.id, [1]))).own_votes, [1]);
assert.deepEqual((await got(one.getPoll(polled.poll.id))).options.map((o) => o.votes_count), [0, 1]);
const later = await got(one.postStatus("Plus tard", { scheduled_at: new Date(Date.now() + 3600e3).toISOString() }));
await one.scheduleStatus(later.id, new Date(Date.now() + 7200e3).toISOString());
assert.equal((await got(one.getScheduledStatus(later.id))).params.text, "Plus tard");
await one.cancelScheduledStatus(later.id);
assert.deepEqual(await got(one.getScheduledStatuses()), []);
assert.match((await got(one.editStatus(p.id, { status: "Un #rabot de bois" }))).content, /rabot/);
assert.equal((await got(one.getStatusSource(p.id))).text, "Un #rabot de bois");
const answer = await got(other.postStatus("Merci", { in_reply_to_id: p.id }));
assert.deepEqual((await got(one.getStatusContext(p.id))).descendants.map((s) => s.id), [answer.id]);
await other.deleteStatus(answer.id);
await assert.rejects(one.getStatus(answer.id));

// Reactions.
assert.equal((await got(other.reblogStatus(p.id))).reblog.id, p.id);
assert.equal((await got(other.unreblogStatus(p.id))).reblogged, false);
assert.equal((await got(other.favouriteStatus(p.id))).favourited, true);
assert.equal((await got(other.getFavourites()))[0].id, p.id);
assert.equal((await got(other.unfavouriteStatus(p.id))).favourited, false);
assert.equal((await got(other.bookmarkStatus(p.id))).bookmarked, true);
assert.equal((await got(other.getBookmarks()))[0].id, p.id);
assert.equal((await got(other.unbookmarkStatus(p.id))).bookmarked, false);
assert.equal((await got(one.pinStatus(p.id))).pinned, true);
assert.equal((await got(one.unpinStatus(p.id))).pinned, false);
assert.equal((await got(one.muteStatus(p.id))).muted, true);
assert.equal((await got(one.unmuteStatus(p.id))).muted, false);

// People.
const [far] = (await got(one.search(somebody, { resolve: true }))).accounts;
assert.equal(far.acct, somebody.slice(1));
assert.equal((await got(one.search(post, { resolve: true }))).statuses[0].account.acct, far.acct);
assert.deepEqual((await got(one.search(community, { resolve: true }))).accounts.map((a) => [a.acct, a.group]), [[community.slice(1), true]]);
assert.equal((await got(one.followAccount(them.id))).following, true);
assert.ok((await got(one.getAccountFollowing(me.id))).some((a) => a.id === them.id));
const list = await got(one.createList("Proches"));
await one.addAccountsToList(list.id, [them.id]);
assert.deepEqual((await got(one.getAccountsInList(list.id))).map((a) => a.acct), [them.acct]);
const theirs = await got(other.postStatus("Du bois"));
assert.equal((await got(one.getListTimeline(list.id)))[0].id, theirs.id);
await one.deleteAccountsFromList(list.id, [them.id]);
await one.deleteList(list.id);
assert.equal((await got(one.muteAccount(them.id, true))).muting, true);
assert.deepEqual((await got(one.getMutes())).map((a) => a.acct), [them.acct]);
assert.equal((await got(one.unmuteAccount(them.id))).muting, false);
assert.equal((await got(one.blockAccount(them.id))).blocking, true);
assert.equal((await got(one.unblockAccount(them.id))).blocking, false);
const host = somebody.split("@")[2];
await one.blockDomain(host);
assert.deepEqual(await got(one.getDomainBlocks()), [host]);
await one.unblockDomain(host);
const sieve = await got(one.createFilter("bois", ["home"]));
assert.deepEqual((await got(one.getFilters())).map((f) => f.phrase), ["bois"]);
await one.deleteFilter(sieve.id);
assert.equal((await got(one.followTag("rabot"))).following, true);
assert.deepEqual((await got(one.getFollowedTags())).map((t) => t.name), ["rabot"]);
assert.equal((await got(one.getTagTimeline("rabot")))[0].id, p.id);
assert.equal((await got(one.unfollowTag("rabot"))).following, false);
assert.equal((await got(one.report(them.id, { comment: "Une réclame", status_ids: [theirs.id] }))).comment, "Une réclame");

// What the member is told.
await one.dismissNotifications();
const asked = await got(other.postStatus(`@${me.acct} Tu viens?`, { visibility: "direct" }));
const [notice] = await until(() => got(one.getNotifications()), (all) => all.length > 0);
assert.deepEqual([notice.type, notice.status.id], ["mention", asked.id]);
await one.dismissNotification(notice.id);
assert.deepEqual(await got(one.getNotifications()), []);
const [talk] = await got(one.getConversationTimeline());
assert.equal((await got(one.readConversation(talk.id))).unread, false);
assert.equal((await got(one.saveMarkers({ home: { last_read_id: p.id } }))).home.last_read_id, p.id);
assert.equal((await got(one.getMarkers(["home"]))).home.last_read_id, p.id);
assert.equal((await got(one.getInstance())).uri, url.replace("https://", ""));
assert.equal((await got(one.getInstanceActivity())).length, 12);
assert.ok((await got(one.getInstanceTrends())).length > 0);
assert.ok((await got(one.getInstanceDirectory())).some((a) => a.acct === "makers"));
for (const empty of ["getInstanceCustomEmojis", "getInstanceAnnouncements", "getEndorsements", "getFeaturedTags"]) {
  assert.deepEqual(await got(one[empty]()), []);
}

// A stream.
const stream = await one.userStreaming();
const heard = new Promise((resolve) => { stream.on("update", resolve); });
const talking = setInterval(() => { one.postStatus("J’écoute").catch(() => {}); }, 200); // until it is open
assert.equal((await heard).account.acct, me.acct);
clearInterval(talking);
stream.stop();

await leave();
await assert.rejects(one.verifyAccountCredentials(), /401/);
process.exit(0);
