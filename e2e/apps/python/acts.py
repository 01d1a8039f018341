"""Two members do what Mastodon.py can do, and compare what each sees.

The arguments are the server, somebody elsewhere, the address of a post of theirs, a community there, and
where pushes come to. What is as it must be says nothing.
"""
import sys

import people
import posts
import told
from mastodon import MastodonUnauthorizedError

from door import enter, refused, same

server, somebody, post, community, courier = sys.argv[1:]
pia, pol = enter(server), enter(server)

posts.write(pia, pol)
posts.ask(pia, pol)
posts.plan(pia)
posts.react(pia, pol)
people.find(pia, somebody, post, community)
people.tie(pia, pol)
people.shun(pia, pol, somebody.split("@")[2])
people.sort(pia, pol)
told.about(pia)
told.notices(pia, pol)
told.streams(pia, pol)
told.pushes(pia, pol, courier + "pia")

pia.revoke_access_token()
refused("a token that is revoked", MastodonUnauthorizedError, pia.account_verify_credentials)
