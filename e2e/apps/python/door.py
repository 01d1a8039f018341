"""How two members come in, by the page for consent, and how what is got is compared."""
import sys
import time

from mastodon import Mastodon

SCOPES = ["read", "write", "follow", "push"]


def enter(server):
    """Registers an app, prints the address of the page for consent, reads the code from the input."""
    client, secret = Mastodon.create_app("Loupe", api_base_url=server, scopes=SCOPES)
    app = Mastodon(client_id=client, client_secret=secret, api_base_url=server)
    print(app.auth_request_url(scopes=SCOPES), flush=True)
    app.log_in(code=sys.stdin.readline().strip(), scopes=SCOPES)
    app.me_now = app.account_verify_credentials()
    return app


def same(what, got, want):
    if got != want:
        sys.exit(f"{what} is {got!r}, want {want!r}")


def refused(what, error, act):
    try:
        act()
    except error as refusal:
        return refusal
    sys.exit(f"{what} is not refused")


def until(get, holds):
    """Asks until it holds: the server of the test ends one that never does."""
    while True:
        got = get()
        if holds(got):
            return got
        time.sleep(0.05)  # as often as tests look
