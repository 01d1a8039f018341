// A member's evening in an app that is made with masto.js. The first argument is the server.
//
// It prints the address of the page for consent, and reads the code from its input. Each line after is
// a fact, as JSON.
import { createInterface } from "node:readline/promises";
import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient } from "masto";

const url = process.argv[2];
const scopes = "read write follow push";
const redirectUri = "urn:ietf:wg:oauth:2.0:oob";
const say = (facts) => console.log(JSON.stringify(facts));

const app = await createRestAPIClient({ url }).v1.apps.create({ clientName: "Longue-vue", redirectUris: redirectUri, scopes });
const asking = { client_id: app.clientId, redirect_uri: redirectUri, response_type: "code", scope: scopes };
console.log(`${url}/oauth/authorize?${new URLSearchParams(asking)}`);
const input = createInterface({ input: process.stdin });
const code = (await input[Symbol.asyncIterator]().next()).value.trim();
const oauth = createOAuthAPIClient({ url });
const token = await oauth.token.create({
  grantType: "authorization_code", clientId: app.clientId, clientSecret: app.clientSecret, redirectUri, code, scope: scopes,
});
const masto = createRestAPIClient({ url, accessToken: token.accessToken });

const me = await masto.v1.accounts.verifyCredentials();
say({ me: me.acct });
const instance = await masto.v2.instance.fetch();
const group = await masto.v1.accounts.lookup({ acct: "makers" });
say({ group: group.group, follows: (await masto.v1.accounts.$select(group.id).follow()).following });

// Each stream is heard once something of one's own comes on it.
const streaming = createStreamingAPIClient({ streamingApiUrl: instance.configuration.urls.streaming, accessToken: token.accessToken });
await streaming.prepare();
const heard = [];
let told = () => {};
const listen = async (subscription) => {
  for await (const event of subscription) {
    heard.push(event);
    told();
  }
};
const until = async (holds) => {
  for (;;) {
    const at = heard.findIndex(holds);
    if (at >= 0) return heard.splice(at, 1)[0];
    await new Promise((resolve) => { told = resolve; });
  }
};
const user = listen(streaming.user.subscribe());
const local = listen(streaming.public.local.subscribe());
const first = await masto.v1.statuses.create({ status: "@makers Me voici." });
const mine = await until((e) => e.event === "update" && e.stream[0] === "user" && e.payload.reblog?.id === first.id);
const open = await until((e) => e.event === "update" && e.stream[0] === "public:local" && e.payload.id === first.id);
say({ boosted_by: mine.payload.account.acct, on: open.stream });
say({ ready: first.id });

// The others act now, from another process.
const update = await until((e) => e.event === "update" && e.stream[0] === "user" && e.payload.reblog?.content.includes("Rabot"));
say({ update: update.payload.reblog.account.acct });
const notice = await until((e) => e.event === "notification");
say({ notice: notice.payload.type, from: notice.payload.account.acct, about: notice.payload.status.content });
const gone = await until((e) => e.event === "delete" && e.payload === update.payload.reblog.id);
say({ gone: typeof gone.payload });

const reply = await masto.v1.statuses.create({ status: "Merci", inReplyToId: notice.payload.status.id });
say({ answers: reply.inReplyToId === notice.payload.status.id });
say({ found: (await masto.v2.search.list({ q: "makers", resolve: true })).accounts.map((a) => a.acct) });
const edited = await masto.v1.statuses.$select(first.id).update({ status: "@makers Me revoici." });
const seen = await until((e) => e.event === "status.update" && e.stream[0] === "user" && e.payload.id === first.id);
say({ edited: edited.content === seen.payload.content });
say({ liked: (await masto.v1.statuses.$select(notice.payload.status.id).favourite()).favourited });
const context = await masto.v1.statuses.$select(reply.id).context.fetch();
say({ above: context.ancestors.some((s) => s.id === notice.payload.status.id) });
say({ home: (await masto.v1.timelines.home.list()).some((s) => s.reblog?.id === first.id) });

// With its token, its streams end.
await oauth.revoke({ clientId: app.clientId, clientSecret: app.clientSecret, token: token.accessToken });
streaming.close();
await Promise.allSettled([user, local]);
say({ out: await masto.v1.accounts.verifyCredentials().then(() => false, () => true) });
process.exit(0);
