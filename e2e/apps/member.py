"""A member's morning in an app that is made with Mastodon.py. The first argument is the server.

It prints the address of the page for consent, and reads the code from its input. Each line after is
a fact, as JSON.
"""
import json
import queue
import sys

from mastodon import Mastodon, MastodonUnauthorizedError, StreamListener

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


class Listener(StreamListener):
    def __init__(self):
        self.heard = queue.Queue()

    def on_update(self, status):
        self.heard.put(("update", (status.reblog or status).content))

    def on_status_update(self, status):
        self.heard.put(("edited", status.content))

    def on_delete(self, status_id):
        self.heard.put(("deleted", str(status_id)))


listener = Listener()
stream = app.stream_user(listener, run_async=True)
word = ""
while "Entends" not in word:  # until the stream is open
    own = app.status_post("Entends-tu?")
    try:
        word = listener.heard.get(timeout=1)[1]
    except queue.Empty:
        pass
say(healthy=app.stream_healthy(), hears=word)
app.status_delete(own.id)
while listener.heard.get(timeout=60) != ("deleted", str(own.id)):
    pass
say(hears_end=True)
stream.close()
say(erased=app.status_delete(reply.id).text)

app.revoke_access_token()
try:
    app.account_verify_credentials()
except MastodonUnauthorizedError:
    say(out=True)
