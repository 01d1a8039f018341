"""Posts: written, asked, planned, changed, taken back, answered to."""
import base64
import json
from datetime import datetime, timedelta, timezone

from mastodon import MastodonNotFoundError

from door import refused, same, until

PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==")


def write(one, other):
    for visibility, text in {"public": "Bonjour", "unlisted": "Tout bas", "private": "@makers Entre nous", "direct": "@pol psst"}.items():
        p = one.status_post(text, visibility=visibility, spoiler_text="Attention", sensitive=True, language="fr")
        same(visibility, [p.visibility, p.spoiler_text, p.sensitive, p.language], [visibility, "Attention", True, "fr"])
        if visibility != "direct":
            same("the other reads", other.status(p.id).content, p.content)
    picture = one.media_post(PICTURE, "image/png", description="Une scie", focus=(0.5, -0.5))
    same("media", [picture.description, picture.meta.focus.x, picture.meta.focus.y], ["Une scie", 0.5, -0.5])
    first, again = (one.status_post("La voici", media_ids=[picture], idempotency_key="pia-1") for _ in range(2))
    same("with one key", again.id, first.id)

    changed = one.status_update(first.id, "La revoici", media_ids=[picture])
    same("changed", ["revoici" in changed.content, changed.edited_at is not None], [True, True])
    same("versions", ["revoici" in v.content for v in one.status_history(first.id)], [False, True])
    same("source", one.status_source(first.id)["text"], "La revoici")
    gone = one.status_delete(first.id)
    same("deleted", [gone.text, gone.media_attachments[0].id], ["La revoici", picture.id])
    refused("what is deleted", MastodonNotFoundError, lambda: one.status(first.id))
    redrafted = one.status_post(gone.text + ", encore", media_ids=gone.media_attachments)
    same("redrafted", redrafted.media_attachments[0].description, "Une scie")

    answer = other.status_reply(redrafted, "Merci", untag=False)
    same("reply", [answer.in_reply_to_id, answer.mentions[0].acct], [redrafted.id, "pia"])
    same("above", [s.id for s in one.status_context(answer.id).ancestors], [redrafted.id])
    same("below", [s.id for s in one.status_context(redrafted.id).descendants], [answer.id])


def ask(one, other):
    asked = one.status_post("Laquelle?", poll=one.make_poll(["Rouge", "Bleue"], 3600, multiple=True, hide_totals=True))
    same("poll", [asked.poll.multiple, [o.title for o in asked.poll.options]], [True, ["Rouge", "Bleue"]])
    other.poll_vote(other.status(asked.id).poll, [0, 1])
    voted = other.poll(asked.poll)
    same("vote", [voted.voted, voted.own_votes, [o.votes_count for o in voted.options]], [True, [0, 1], [None, None]])
    same("voters", one.poll(asked.poll).voters_count, 1)


def plan(one):
    at = datetime.now(timezone.utc).replace(microsecond=0) + timedelta(hours=1)
    later = one.status_post("Plus tard", scheduled_at=at, visibility="unlisted", spoiler_text="Attention")
    same("planned", [later.scheduled_at, later.params.text, later.params.visibility, later.params.spoiler_text], [at, "Plus tard", "unlisted", "Attention"])
    same("plans", [s.id for s in one.scheduled_statuses()], [later.id])
    moved = one.scheduled_status_update(later, at + timedelta(hours=1))
    same("moved", one.scheduled_status(moved.id).scheduled_at, at + timedelta(hours=1))
    one.scheduled_status_delete(later)
    same("no plan", one.scheduled_statuses(), [])

    due = one.status_post("C’est l’heure", scheduled_at=at)
    print(json.dumps({"due": str(due.id)}), flush=True)
    until(lambda: one.account_statuses(one.me_now.id, limit=1), lambda all: all and "heure" in all[0].content)
    same("no plan is left", until(one.scheduled_statuses, lambda all: not all), [])


def react(one, other):
    p = other.status_post("Une #gouge")
    boost = one.status_reblog(p.id)
    same("boost", [boost.reblog.id, boost.id != p.id, boost.reblog.reblogged], [p.id, True, True])
    same("boosters", [a.acct for a in other.status_reblogged_by(p.id)], ["pia"])
    same("unboost", one.status_unreblog(p.id).reblogged, False)
    same("like", one.status_favourite(p.id).favourites_count, 1)
    same("likers", [a.acct for a in other.status_favourited_by(p.id)], ["pia"])
    same("liked", one.favourites(limit=1)[0].id, p.id)
    same("unlike", one.status_unfavourite(p.id).favourites_count, 0)
    same("keep", one.status_bookmark(p.id).bookmarked, True)
    same("kept", [s.id for s in one.bookmarks()], [p.id])
    same("unkeep", one.status_unbookmark(p.id).bookmarked, False)
    own = one.status_post("À garder")
    same("pin", one.status_pin(own.id).pinned, True)
    same("pins", [s.id for s in other.account_statuses(one.me_now.id, pinned=True)], [own.id])
    same("unpin", one.status_unpin(own.id).pinned, False)
    same("hush", [one.status_mute(own.id).muted, one.status_unmute(own.id).muted], [True, False])
