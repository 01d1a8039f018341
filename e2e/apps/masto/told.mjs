// What members are told: of the server, in notices, streams and pushes.
import assert from "node:assert/strict";
import { createECDH, randomBytes } from "node:crypto";
import ece from "http_ece";
import { until } from "./sign-in.mjs";

export async function about(one) {
  const { v1, v2, instance } = one;
  assert.match(instance.version, /^4\.3\.0 \(compatible; Passerelles /);
  assert.equal((await v1.instance.fetch()).uri, instance.domain);
  assert.equal((await v1.instance.activity.list()).length, 12);
  assert.equal((await v1.instance.peers.list()).length, 1);
  for (const empty of [v1.instance.rules, v1.announcements, v1.customEmojis, v1.trends.links, v1.featuredTags, v1.endorsements]) {
    assert.deepEqual(await empty.list(), []);
  }
  assert.ok((await v1.directory.list()).some((a) => a.acct === "makers"));
  assert.ok(Array.isArray(await v2.suggestions.list()));
  assert.ok((await v1.trends.tags.list()).length > 0);
  assert.ok(Array.isArray(await v1.trends.statuses.list()));
  assert.equal((await v1.preferences.fetch())["posting:default:visibility"], "public");
  const [last] = await v1.timelines.home.list({ limit: 1 });
  assert.equal((await v1.markers.create({ home: { lastReadId: last.id } })).home.lastReadId, last.id);
  assert.equal((await v1.markers.fetch({ timeline: ["home"] })).home.lastReadId, last.id);
  const pages = [];
  for await (const page of v1.timelines.home.list({ limit: 2 })) {
    pages.push(...page.map((s) => s.id));
    if (pages.length > 3) break;
  }
  assert.equal(new Set(pages).size, pages.length);
}

export async function notices(one, other) {
  const { v1, v2 } = one;
  await v1.notifications.clear();
  const p = await other.v1.statuses.create({ status: `@${one.me.acct} Tu viens?`, visibility: "direct" });
  await other.v1.accounts.$select(one.me.id).follow();
  const told = await until(() => v1.notifications.list(), (all) => all.length === 2);
  const [follow, mention] = told.toSorted((a, b) => (a.type < b.type ? -1 : 1));
  assert.deepEqual([follow.type, mention.type, mention.status.id], ["follow", "mention", p.id]);
  assert.equal((await v1.notifications.$select(mention.id).fetch()).account.acct, other.me.acct);
  assert.equal((await v1.notifications.unreadCount.fetch()).count, 2);
  const grouped = await v2.notifications.list();
  assert.deepEqual(grouped.notificationGroups.map((g) => g.type).sort(), ["follow", "mention"]);
  assert.deepEqual([grouped.accounts.map((a) => a.acct), grouped.statuses.map((s) => s.id)], [[other.me.acct], [p.id]]);
  const group = v2.notifications.$select(grouped.notificationGroups.find((g) => g.type === "follow").groupKey);
  assert.equal((await group.accounts.fetch())[0].acct, other.me.acct);
  await group.dismiss();
  assert.equal((await v2.notifications.unreadCount.fetch()).count, 1);
  await v1.notifications.$select(mention.id).dismiss();
  assert.deepEqual(await v1.notifications.list(), []);
  assert.equal((await v2.notifications.policy.fetch()).forNotFollowing, "accept");
  const [talk] = await v1.conversations.list();
  assert.deepEqual([talk.unread, talk.lastStatus.id], [true, p.id]);
  assert.equal((await v1.conversations.$select(talk.id).read()).unread, false);
  await v1.conversations.$select(talk.id).remove();
}

export async function streams(one, other) {
  const list = await one.v1.lists.create({ title: "Oreille" });
  await one.v1.lists.$select(list.id).accounts.create({ accountIds: [other.me.id] });
  await one.streaming.prepare();
  const said = (status, visibility = "public") => other.v1.statuses.create({ status, visibility });
  const { user, public: all, hashtag, direct } = one.streaming;
  for (const [stream, subscription, say] of [
    ["user:notification", user.notification.subscribe(), () => said(`@${one.me.acct} Entends-tu?`)],
    ["hashtag", hashtag.subscribe({ tag: "ciseau" }), () => said("Un #ciseau")],
    ["list", one.streaming.list.subscribe({ list: list.id }), () => said("Dans la liste")],
    ["public:local", all.local.subscribe(), () => said("@makers Ouvert")],
    ["direct", direct.subscribe(), () => said(`@${one.me.acct} psst`, "direct")],
  ]) {
    const heard = subscription.values().next(); // it subscribes
    const talk = setInterval(() => { say().catch(() => {}); }, 200); // until it does
    const { value } = await heard;
    clearInterval(talk);
    assert.equal(value.stream[0], stream);
    subscription.unsubscribe();
  }
  one.streaming.close();
  await one.v1.lists.$select(list.id).remove();
}

// pushes asks for both forms, and opens what comes by another library than ours.
export async function pushes(one, other, endpoint) {
  await assert.rejects(one.v1.push.subscription.fetch(), { statusCode: 404 });
  for (const version of ["aesgcm", "aes128gcm"]) {
    const app = createECDH("prime256v1");
    const p256dh = app.generateKeys("base64url");
    const authSecret = randomBytes(16);
    const asked = await one.v1.push.subscription.create({
      subscription: { endpoint, keys: { p256dh, auth: authSecret.toString("base64url") }, standard: version === "aes128gcm" },
      data: { alerts: { mention: true }, policy: "all" }, policy: "all",
    });
    assert.deepEqual([asked.endpoint, asked.alerts.mention, asked.alerts.follow], [endpoint, true, false]);
    await other.v1.statuses.create({ status: `@${one.me.acct} Coucou ${version}` });
    const opened = async () => {
      const { headers, body } = await (await fetch(endpoint)).json();
      if (headers["Content-Encoding"] !== version) return { body: "" }; // of the form that was asked for before
      const value = (header, name) => headers[header]?.match(new RegExp(`${name}=([^;]+)`))[1];
      return JSON.parse(ece.decrypt(Buffer.from(body, "base64"), {
        version, privateKey: app, authSecret, salt: value("Encryption", "salt"), dh: value("Crypto-Key", "dh"),
      }));
    };
    const news = await until(opened, (one) => one.body.includes(`Coucou ${version}`)); // what was said before may come first
    assert.equal(news.notification_type, "mention");
  }
  assert.equal((await one.v1.push.subscription.update({ data: { alerts: { mention: false, follow: true } } })).alerts.follow, true);
  await one.v1.push.subscription.remove();
  await assert.rejects(one.v1.push.subscription.fetch(), { statusCode: 404 });
}
