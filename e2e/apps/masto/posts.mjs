// Posts: written, asked, planned, changed, taken back, answered to.
import assert from "node:assert/strict";
import { picture, until } from "./sign-in.mjs";

export async function write(one, other) {
  const words = { public: "Bonjour", unlisted: "Tout bas", private: "@makers Entre nous", direct: `@${other.me.acct} psst` };
  for (const [visibility, status] of Object.entries(words)) {
    const p = await one.v1.statuses.create({ status, visibility, spoilerText: "Attention", sensitive: true, language: "fr" });
    assert.deepEqual([p.visibility, p.spoilerText, p.sensitive, p.language], [visibility, "Attention", true, "fr"]);
    assert.equal((await other.v1.statuses.$select(p.id).fetch()).content, p.content);
  }
  const file = await one.v2.media.create({ file: picture, description: "Une scie", focus: "0.5,-0.5" });
  assert.deepEqual([file.description, file.meta.focus], ["Une scie", { x: 0.5, y: -0.5 }]);
  assert.equal((await one.v1.media.$select(file.id).update({ description: "Deux scies" })).description, "Deux scies");
  const key = { requestInit: { headers: { "Idempotency-Key": "mona-1" } } };
  const p = await one.v1.statuses.create({ status: "La voici", mediaIds: [file.id] }, key);
  assert.equal((await one.v1.statuses.create({ status: "La voici", mediaIds: [file.id] }, key)).id, p.id);

  const changed = await one.v1.statuses.$select(p.id).update({ status: "La revoici", mediaIds: [file.id], mediaAttributes: [{ id: file.id, description: "Trois scies" }] });
  assert.ok(changed.editedAt);
  assert.equal(changed.mediaAttachments.length, 1);
  assert.equal((await one.v1.statuses.$select(p.id).history.list()).length, 2);
  assert.equal((await one.v1.statuses.$select(p.id).source.fetch()).text, "La revoici");
  const gone = await one.v1.statuses.$select(p.id).remove();
  assert.equal(gone.text, "La revoici");
  await assert.rejects(one.v1.statuses.$select(p.id).fetch(), { statusCode: 404 });
  const again = await one.v1.statuses.create({ status: gone.text, mediaIds: gone.mediaAttachments.map((m) => m.id) });
  assert.equal(again.mediaAttachments.length, 1);

  const answer = await other.v1.statuses.create({ status: `@${one.me.acct} Merci`, inReplyToId: again.id });
  assert.deepEqual([answer.inReplyToId, answer.inReplyToAccountId], [again.id, one.me.id]);
  assert.deepEqual((await one.v1.statuses.$select(answer.id).context.fetch()).ancestors.map((s) => s.id), [again.id]);
  assert.deepEqual((await one.v1.statuses.list({ id: [again.id, answer.id] })).map((s) => s.id).sort(), [again.id, answer.id].sort());
}

export async function ask(one, other) {
  const p = await one.v1.statuses.create({ status: "Laquelle?", poll: { options: ["Rouge", "Bleue"], expiresIn: 3600, multiple: true } });
  assert.deepEqual([p.poll.multiple, p.poll.options.map((o) => o.title)], [true, ["Rouge", "Bleue"]]);
  const voted = await other.v1.polls.$select(p.poll.id).votes.create({ choices: [1] });
  assert.deepEqual([voted.voted, voted.ownVotes], [true, [1]]);
  assert.deepEqual((await one.v1.polls.$select(p.poll.id).fetch()).options.map((o) => o.votesCount), [0, 1]);
}

export async function plan(one) {
  const at = (hours) => `${new Date(Date.now() + hours * 3600e3).toISOString().slice(0, 19)}.000Z`;
  const later = await one.v1.statuses.create({ status: "Plus tard", scheduledAt: at(1), visibility: "unlisted", poll: { options: ["Oui", "Non"], expiresIn: 3600 } });
  assert.deepEqual([later.params.text, later.params.visibility, later.params.poll.options], ["Plus tard", "unlisted", ["Oui", "Non"]]);
  const next = at(2);
  assert.equal((await one.v1.scheduledStatuses.$select(later.id).update({ scheduledAt: next })).scheduledAt, next);
  assert.deepEqual((await one.v1.scheduledStatuses.list()).map((s) => s.id), [later.id]);
  await one.v1.scheduledStatuses.$select(later.id).remove();
  assert.deepEqual(await one.v1.scheduledStatuses.list(), []);
  const due = await one.v1.statuses.create({ status: "C’est l’heure", scheduledAt: at(1) });
  console.log(JSON.stringify({ due: due.id }));
  await until(() => one.v1.accounts.$select(one.me.id).statuses.list({ limit: 1 }), ([last]) => last.content.includes("heure"));
}

export async function react(one, other) {
  const p = await other.v1.statuses.create({ status: "Une #gouge" });
  const at = one.v1.statuses.$select(p.id);
  const boost = await at.reblog();
  assert.deepEqual([boost.reblog.id, boost.reblog.reblogged, boost.id !== p.id], [p.id, true, true]);
  assert.deepEqual((await at.rebloggedBy.list()).map((a) => a.acct), [one.me.acct]);
  assert.equal((await at.unreblog()).reblogged, false);
  assert.equal((await at.favourite()).favouritesCount, 1);
  assert.deepEqual((await at.favouritedBy.list()).map((a) => a.acct), [one.me.acct]);
  assert.equal((await one.v1.favourites.list())[0].id, p.id);
  assert.equal((await at.unfavourite()).favourited, false);
  assert.equal((await at.bookmark()).bookmarked, true);
  assert.deepEqual((await one.v1.bookmarks.list()).map((s) => s.id), [p.id]);
  assert.equal((await at.unbookmark()).bookmarked, false);
  const own = one.v1.statuses.$select((await one.v1.statuses.create({ status: "À garder" })).id);
  assert.equal((await own.pin()).pinned, true);
  assert.equal((await other.v1.accounts.$select(one.me.id).statuses.list({ pinned: true })).length, 1);
  assert.equal((await own.unpin()).pinned, false);
  assert.equal((await own.mute()).muted, true);
  assert.equal((await own.unmute()).muted, false);
}
