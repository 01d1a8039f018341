"""People: found, followed, shunned, put into lists, filtered."""
from door import same, until


def find(one, somebody, post, community):
    far = one.search(somebody, resolve=True).accounts[0]
    same("somebody far", far.acct, somebody[1:])
    same("their post", one.search(post, resolve=True).statuses[0].account.acct, far.acct)
    same("a community there", [[a.acct, a.group] for a in one.search(community, resolve=True).accounts], [[community[1:], True]])
    same("a community here", [a.group for a in one.search("makers").accounts], [True])
    same("by its beginning", [a.acct for a in one.account_search("mak")], ["makers"])
    one.account_follow(far.id)
    until(lambda: one.account_relationships(far.id)[0], lambda r: r.following)


def tie(one, other):
    same("locked", other.account_update_credentials(locked=True, display_name="Pol P.").locked, True)
    same("asked", one.account_follow(other.me_now.id).requested, True)
    same("asking", [a.acct for a in other.follow_requests()], ["pia"])
    other.follow_request_authorize(one.me_now.id)
    same("follows", one.account_relationships(other.me_now.id)[0].following, True)
    same("following", "pol" in [a.acct for a in one.account_following(one.me_now.id)], True)
    same("followers", [a.acct for a in other.account_followers(other.me_now.id)], ["pia"])
    same("unfollows", one.account_unfollow(other.me_now.id).following, False)
    one.account_follow(other.me_now.id)
    other.follow_request_reject(one.me_now.id)
    same("rejected", one.account_relationships(other.me_now.id)[0].requested, False)
    other.account_update_credentials(locked=False)
    same("noted", one.account_note_set(other.me_now.id, "Le voisin").note, "Le voisin")


def shun(one, other, host):
    same("mute", one.account_mute(other.me_now.id).muting, True)
    same("muted", [a.acct for a in one.mutes()], ["pol"])
    same("unmute", one.account_unmute(other.me_now.id).muting, False)
    same("block", one.account_block(other.me_now.id).blocking, True)
    same("blocked", [a.acct for a in one.blocks()], ["pol"])
    same("unblock", one.account_unblock(other.me_now.id).blocking, False)
    one.domain_block(host)
    same("domains", list(one.domain_blocks()), [host])
    one.domain_unblock(host)
    same("no domain", list(one.domain_blocks()), [])
    offer = other.status_post("@makers Achetez!")
    same("report", one.report(other.me_now.id, status_ids=[offer.id], comment="Une réclame").comment, "Une réclame")


def sort(one, other):
    one.account_follow(other.me_now.id)
    near = one.list_create("Proches")
    one.list_accounts_add(near, [other.me_now.id])
    same("in it", [a.acct for a in one.list_accounts(near)], ["pol"])
    same("his lists", [x.id for x in one.account_lists(other.me_now.id)], [near.id])
    p = other.status_post("Un #rabot de bois")
    same("list", one.timeline_list(near, limit=1)[0].id, p.id)
    same("renamed", [one.list_update(near, "Loin").title, one.list(near).title], ["Loin", "Loin"])
    one.list_accounts_delete(near, [other.me_now.id])
    same("left", one.list_accounts(near), [])
    one.list_delete(near)
    same("lists", one.lists(), [])

    sieve = one.filter_create("bois", ["home", "public"], whole_word=True, expires_in=3600)
    same("filter", [sieve.phrase, sieve.whole_word, sieve.expires_at is not None], ["bois", True, True])
    same("held", [h["filter"]["title"] for h in one.status(p.id)["filtered"]], ["bois"])
    same("by itself", [s.id == p.id for s in one.filters_apply([p], one.filters(), "home")], [])
    same("changed", one.filter_update(sieve, phrase="chêne", context=["home"]).phrase, "chêne")
    same("not held", one.status(p.id)["filtered"], [])
    one.filter_delete(sieve)
    same("filters", one.filters(), [])
    same("under a tag", [s.id for s in one.timeline_hashtag("#rabot".lstrip("#"), local=True)][:1], [p.id])
