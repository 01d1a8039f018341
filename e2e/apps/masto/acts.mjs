// Two members do what masto.js can do, and compare what each sees. The arguments are the server, somebody
// elsewhere, the address of a post of theirs, a community there, and where pushes come to.
import assert from "node:assert/strict";
import { createOAuthAPIClient, createRestAPIClient, createStreamingAPIClient } from "masto";
import { consent, redirectUri, scopes } from "./sign-in.mjs";
import { ask, plan, react, write } from "./posts.mjs";
import { find, shun, sort, tie } from "./people.mjs";
import { about, notices, pushes, streams } from "./told.mjs";

const [url, somebody, post, community, courier] = process.argv.slice(2);
const scope = scopes.join(" ");

async function enter() {
  const app = await createRestAPIClient({ url }).v1.apps.create({ clientName: "Jumelles", redirectUris: redirectUri, scopes: scope });
  const asking = { client_id: app.clientId, redirect_uri: redirectUri, response_type: "code", scope };
  const code = await consent(`${url}/oauth/authorize?${new URLSearchParams(asking)}`);
  const oauth = createOAuthAPIClient({ url });
  const secrets = { clientId: app.clientId, clientSecret: app.clientSecret };
  const { accessToken } = await oauth.token.create({ grantType: "authorization_code", ...secrets, redirectUri, code, scope });
  const { v1, v2 } = createRestAPIClient({ url, accessToken });
  const instance = await v2.instance.fetch();
  const streaming = createStreamingAPIClient({ streamingApiUrl: instance.configuration.urls.streaming, accessToken });
  return { v1, v2, instance, streaming, me: await v1.accounts.verifyCredentials(), leave: () => oauth.revoke({ ...secrets, token: accessToken }) };
}

const one = await enter();
const other = await enter();
await write(one, other);
await ask(one, other);
await plan(one);
await react(one, other);
await find(one, somebody, post, community);
await tie(one, other);
await shun(one, other, somebody.split("@")[2]);
await sort(one, other);
await about(one);
await notices(one, other);
await streams(one, other);
await pushes(one, other, courier + one.me.acct);
await one.leave();
await assert.rejects(one.v1.accounts.verifyCredentials(), { statusCode: 401 });
process.exit(0);
