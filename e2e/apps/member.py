"""A member's morning in an app that is made with Mastodon.py. The first argument is the server.

It prints the address of the page for consent, and reads the code from its input. Each line after is
a fact, as JSON.
"""
import base64
import json
import sys

from mastodon import Mastodon, MastodonAPIError, MastodonUnauthorizedError

server, scopes = sys.argv[1], ["read", "write", "follow", "push"]


def say(**fact):
    print(json.dumps(fact, default=str), flush=True)


client, secret = Mastodon.create_app("Lunettes", api_base_url=server, scopes=scopes)
app = Mastodon(client_id=client, client_secret=secret, api_base_url=server)
print(app.auth_request_url(scopes=scopes), flush=True)
app.log_in(code=sys.stdin.readline().strip(), scopes=scopes)

me = app.account_verify_credentials()
say(me=me.acct, language=me.source["language"])
group = app.account_lookup("makers")
say(group=group.group, follows=app.account_follow(group.id).following)

first = app.timeline_home()[0]
say(boosted_by=first.account.acct, by=first.reblog.account.acct, content=first.reblog.content)
say(same=app.status(first.id).reblog.id == first.reblog.id)

post = app.status_post("Bonjour @makers\nune ligne de plus")
say(content=post.content, named=[m.acct for m in post.mentions], visibility=post.visibility)
reply = app.status_post("Ma réponse", in_reply_to_id=post.id)
say(answers=reply.in_reply_to_id == post.id, whose=reply.in_reply_to_account_id == me.id)
say(below=[s.content for s in app.status_context(post.id).descendants],
    above=[s.id == post.id for s in app.status_context(reply.id).ancestors])
say(liked=app.status_favourite(first.reblog.id).favourites_count, unliked=app.status_unfavourite(first.reblog.id).favourites_count)
say(edited=app.status_update(post.id, "Changé @makers").content, source=app.status_source(post.id)["text"])

page = app.timeline_home(limit=1)
rest = app.fetch_next(page)
say(pages=[s.reblog.id for s in page] != [s.reblog.id for s in rest], back=[s.id for s in app.fetch_previous(rest)] == [page[0].id])
say(found=[a.acct for a in app.search("makers").accounts], words=["scie" in s.content for s in app.search("scie", result_type="statuses").statuses])
say(away=[a.acct for a in app.search(sys.argv[2], resolve=True).accounts])
say(erased=app.status_delete(reply.id).text)

first = first.reblog
boost = app.status_reblog(first.id)
say(boosted=boost.reblog.id == first.id and boost.reblog.reblogged, boosts=app.status(first.id).reblogs_count,
    boosters=[a.acct for a in app.status_reblogged_by(first.id)])
say(unboosted=app.status_unreblog(first.id).reblogged)
say(kept=app.status_bookmark(first.id).bookmarked, bookmarks=[s.id == first.id for s in app.bookmarks()])
say(unkept=app.status_unbookmark(first.id).bookmarked)
app.status_favourite(first.id)
say(favourites=[s.id == first.id for s in app.favourites()], likers=[a.acct for a in app.status_favourited_by(first.id)])
say(versions=[v.content for v in app.status_history(post.id)])
say(pinned=app.status_pin(post.id).pinned, pins=[s.id == post.id for s in app.account_statuses(me.id, pinned=True)])
say(hush=app.status_mute(post.id).muted)

named = app.account_lookup("ana")
app.account_follow(named.id)
words = app.list_create("Proches")
app.list_accounts_add(words.id, [named.id])
say(listed=[a.acct for a in app.list_accounts(words.id)], list=[s.content.count("Samedi") for s in app.timeline_list(words.id)])
say(renamed=app.list_update(words.id, "Loin").title, lists=[one.title for one in app.lists()])
app.list_accounts_delete(words.id, [named.id])
app.list_delete(words.id)

sieve = app.filter_create("dimanche", ["home", "public"], whole_word=True)
say(filters=[f.phrase for f in app.filters()], held=[[h["filter"]["title"] for h in s["filtered"]] for s in [app.status(first.id)]])
app.filter_delete(sieve.id)
say(marked=app.markers_set("home", first.id)["home"]["last_read_id"] == first.id, marks=list(app.markers_get("home")))

say(under=[s.tags[0].name for s in app.timeline_hashtag("bois")], trend=[t.name for t in app.trending_tags()])

told = app.notifications()
say(told=sorted({n.type for n in told}), one=app.notifications(told[0].id).id == told[0].id,
    mentions=["Bonjour" in n.status.content for n in app.notifications(types=["mention"])])
app.notifications_dismiss(told[0].id)
say(rest=len(told) - len(app.notifications()))
app.notifications_clear()
say(none=app.notifications())
say(exchange=[c.last_status.content.count("psst") for c in app.conversations()])
say(emojis=app.custom_emojis(), news=app.announcements(), asked=app.follow_requests(), blocks=app.blocks(), peers=app.instance_peers(),
    weeks=len(app.instance_activity()), links=app.trending_links())
say(called=app.account_update_credentials(display_name="Mia M.", note="Je rabote.").display_name)
say(reported=app.report(named.id, comment="Un essai.").comment)
app.account_mute(named.id)
say(mutes=[a.acct for a in app.mutes()])
app.account_unmute(named.id)
app.account_block(named.id)
say(blocked=[a.acct for a in app.blocks()], still=app.account_relationships(named.id)[0].following)
app.account_unblock(named.id)
PICTURE = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR4nGP4z8DwHwAFAAH/iZk9HQAAAABJRU5ErkJggg==")
picture = app.media_post(PICTURE, "image/png", description="Une scie", focus=(0.5, -0.5))
say(picture=[picture.type, picture.description, picture.meta.focus.x], ready=app.media(picture.id).url.split('?')[0] == picture.url.split('?')[0])
picture = app.media_update(picture.id, description="Deux scies", focus=(0, 0))
shown = app.status_post("", media_ids=[picture], idempotency_key="un", sensitive=True)
twice = app.status_post("", media_ids=[picture], idempotency_key="un", sensitive=True)
say(shown=[m.description for m in shown.media_attachments], once=shown.id == twice.id, hides=shown.sensitive)
plan = app.media_post(b"%PDF-1.7 %%EOF", "application/pdf", file_name="plan.pdf")
say(kinds=[m.type for m in app.status_update(shown.id, "Un plan", media_ids=[picture, plan]).media_attachments])
try:
    app.media_post(b"ID3\x03 sound", "audio/mpeg")
except MastodonAPIError as refusal:
    say(refused="Sound" in str(refusal))

app.revoke_access_token()
try:
    app.account_verify_credentials()
except MastodonUnauthorizedError:
    say(out=True)
