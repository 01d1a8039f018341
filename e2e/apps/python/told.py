"""What members are told: of the server, in notices, streams and pushes."""
import base64
import json
import queue

import requests
from mastodon import MastodonNotFoundError, StreamListener
from mastodon.compat import IMPL_HAS_ECE

from door import refused, same, until


def about(one):
    same("version", one.retrieve_mastodon_version(), "4.3.0")
    same("instance", one.instance().uri, one.api_base_url.removeprefix("https://"))
    same("software", one.instance_nodeinfo().software.name, "passerelles")
    same("weeks", [len(one.instance_activity()), one.instance_rules(), one.custom_emojis(), one.announcements()], [12, [], [], []])
    same("peers", len(one.instance_peers()), 1)
    same("directory", "makers" in [a.acct for a in one.directory()], True)
    same("suggestions", [a.acct for a in one.suggestions() if a.acct == "pia"], [])
    same("preferences", one.preferences()["posting:default:visibility"], "public")
    same("trends", [isinstance(t.name, str) for t in one.trending_tags()][:1], [True])
    same("trends", [one.trending_links(), isinstance(one.trending_statuses(), list)], [[], True])
    same("featured", [one.featured_tags(), one.account_featured_tags(one.me_now.id), one.endorsements()], [[], [], []])
    last = one.timeline_home(limit=1)[0]
    same("mark", one.markers_set("home", last.id)["home"]["last_read_id"], last.id)
    same("marks", one.markers_get(["home", "notifications"])["home"]["last_read_id"], last.id)
    same("app", one.app_verify_credentials().name, "Loupe")


def notices(one, other):
    one.notifications_clear()
    p = other.status_post("@pia Tu viens?", visibility="direct")
    other.account_follow(one.me_now.id)
    told = sorted(until(one.notifications, lambda all: len(all) == 2), key=lambda n: n.type)
    same("told", [n.type for n in told], ["follow", "mention"])
    same("mentions", [n.status.id for n in one.notifications(mentions_only=True)], [p.id])
    same("one", one.notifications(told[1].id).account.acct, "pol")
    same("without", [n.type for n in one.notifications(exclude_types=["follow"])], ["mention"])
    one.notifications_dismiss(told[0].id)
    same("left", [n.id for n in one.notifications()], [told[1].id])
    one.notifications_clear()
    same("none", one.notifications(), [])
    talk = one.conversations()[0]
    same("talk", [talk.unread, [a.acct for a in talk.accounts], talk.last_status.id], [True, ["pol"], p.id])
    same("read", [one.conversations_read(talk).unread, one.conversations()[0].unread], [False, False])


class Ear(StreamListener):
    def __init__(self):
        self.heard = queue.Queue()

    def on_update(self, status):
        self.heard.put(("update", status.id))

    def on_notification(self, notice):
        self.heard.put((notice.type, notice.status.id))

    def on_conversation(self, talk):
        self.heard.put(("conversation", talk.last_status.id))

    def until(self, event):
        while self.heard.get(timeout=60) != event:
            pass


def listen(one, open_stream, say):
    """Opens a stream, and says something until it is heard."""
    ear = Ear()
    stream = open_stream(ear)
    while True:
        event = say()
        try:
            while ear.heard.get(timeout=1) != event:
                pass
            return stream, ear
        except queue.Empty:
            pass


def streams(one, other):
    near = one.list_create("Oreille")
    one.list_accounts_add(near, [other.me_now.id])
    wait = {"run_async": True}
    for what, opens, text, visibility, kind in [
        ("user", lambda ear: one.stream_user(ear, **wait), "@pia Entends-tu?", "public", "mention"),
        ("local", lambda ear: one.stream_local(ear, **wait), "@makers Ouvert", "public", "update"),
        ("tag", lambda ear: one.stream_hashtag("ciseau", ear, **wait), "Un #ciseau", "public", "update"),
        ("list", lambda ear: one.stream_list(near, ear, **wait), "Dans la liste", "public", "update"),
    ]:
        stream, _ = listen(one, opens, lambda: (kind, other.status_post(text, visibility=visibility).id))
        same(what, stream.is_alive(), True)
        stream.close()
    stream, ear = listen(one, lambda ear: one.stream_direct(ear, **wait), lambda: ("conversation", other.status_post("@pia psst", visibility="direct").id))
    stream.close()
    one.list_delete(near)
    same("health", one.stream_healthy(), True)


def pushes(one, other, courier):
    refused("what is not asked for", MastodonNotFoundError, one.push_subscription)
    private, public = one.push_subscription_generate_keys()
    asked = one.push_subscription_set(courier, public, mention_events=True, follow_events=False)
    same("push", [asked.endpoint, asked.alerts.mention, asked.alerts.follow], [courier, True, False])
    same("asked for", one.push_subscription().id, asked.id)
    other.status_post("@pia Coucou")
    parcel = requests.get(courier, timeout=60).json()
    head, body = parcel["headers"], base64.b64decode(parcel["body"])
    same("how it is sealed", head["Content-Encoding"], "aesgcm")
    same("by whom", head["Crypto-Key"].split("p256ecdsa=")[1], asked.server_key)
    if IMPL_HAS_ECE:
        news = one.push_subscription_decrypt_push(body, private, head["Encryption"], head["Crypto-Key"])
        same("news", [news.notification_type, "Coucou" in json.dumps(news.body)], ["mention", True])
    same("alerts", one.push_subscription_update(mention_events=False, follow_events=True).alerts.follow, True)
    one.push_subscription_delete()
    refused("what is ended", MastodonNotFoundError, one.push_subscription)
